// The machine itself: CPU, memory, disk. Ratios 0–1.

export interface HostUse {
  cpu: number;
  memory: number;
  disks: readonly Disk[];
}

export interface Disk {
  mount: string;
  used: number;
  /** Share of its file entries that are taken; absent where the file system counts none. */
  inodes?: number;
  /** The services that keep something there; absent: it is everybody's. */
  of?: readonly string[];
}

/** Whose trouble a full disk is. */
export function isDiskOf({ of }: Disk, service: string): boolean {
  return of === undefined || of.includes(service);
}

export interface Host {
  use(signal?: AbortSignal): Promise<HostUse>;
}
