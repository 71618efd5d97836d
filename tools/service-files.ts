// The files of a service that a fix may read and change: inside files.root and matching files.editable,
// never through a symbolic link that leads out, never inside a .git folder.

export interface ServiceFile {
  /** Relative to files.root, with forward slashes. */
  path: string;
  content: string;
  modifiedAt: number;
  /** Permission bits. */
  mode: number;
}

export interface ServiceFiles {
  /** Every editable file that exists now, sorted by path. */
  list(): Promise<ServiceFile[]>;
  /** undefined when there is no such file; HealError "path-outside-root" or "path-not-editable" when it may not be touched. */
  read(path: string): Promise<ServiceFile | undefined>;
  /** Atomic (temporary file, fsync, rename), keeps owner and mode; content undefined removes the file. */
  write(path: string, content: string | undefined, mode?: number): Promise<void>;
}
