// The machine itself: CPU, memory, disk. Ratios 0–1.

export interface HostUse {
  cpu: number;
  memory: number;
  disks: readonly { mount: string; used: number }[];
}

export interface Host {
  use(signal?: AbortSignal): Promise<HostUse>;
}
