// What the kernel of this machine can tell about processes, ports and file systems. Everything here only looks; what may
// not be seen (another user's, another machine's) is undefined, which is no answer, not a "no".

export interface Listener {
  /** Absent: of a process that may not be seen. */
  pid?: number;
  /** The program's name, as the kernel has it: at most 15 characters. */
  program?: string;
}

export interface Volume {
  /** Where it is mounted, as the process sees it. */
  mount: string;
  readOnly: boolean;
  /** Share of its space, and of its file entries where it counts them, 0–1. */
  used: number;
  inodes?: number;
  /** What a program without privileges can still write, bytes. */
  freeBytes?: number;
  /** The kernel's number of it: two paths with one number lie on one file system, whatever they are called. */
  device?: string;
}

export interface Sockets {
  established: number;
  /** Closed by the other side and not by the process: TCP's CLOSE_WAIT. */
  halfClosed: number;
}

/** Shares 0–1: of the last ten seconds in which work waited for it; of swap that is taken. Absent: not told. */
export interface Pressure {
  cpu?: number;
  memory?: number;
  io?: number;
  swap?: number;
}

export interface Machine {
  /** Who listens on a TCP port; null: nobody. */
  listener(port: number): Promise<Listener | null | undefined>;
  /** TCP connections of these processes together. */
  sockets(pids: readonly number[]): Promise<Sockets | undefined>;
  /** Names of the variables that a process was started with. Never their values: they are often secrets. */
  variables(pid: number): Promise<ReadonlySet<string> | undefined>;
  /** The file system that a path is on; with `pid` as that process sees it. undefined where there is no such path. */
  volume(path: string, pid?: number): Promise<Volume | undefined>;
  /** Whether the user of a process may do this to a path, by owner and mode. */
  mayUse(path: string, what: "read" | "write", pid: number): Promise<boolean | undefined>;
  /** When a file was last written, Unix ms; undefined where there is none. */
  changedAt(path: string): Promise<number | undefined>;
  pressure(): Promise<Pressure>;
}
