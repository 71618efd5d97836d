// The machine itself: CPU, memory, disk. Ratios 0–1.

export interface HostUse {
  cpu: number;
  memory: number;
  /** `inodes`: share of its file entries that are taken; absent where the file system counts none. */
  disks: readonly { mount: string; used: number; inodes?: number }[];
}

export interface Host {
  use(signal?: AbortSignal): Promise<HostUse>;
}
