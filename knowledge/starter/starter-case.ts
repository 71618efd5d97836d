// A general case: a failure that every operations team meets sooner or later, written down before it happened here.

export interface StarterCase {
  /** "known-pg-too-many-connections": stays the same from version to version. */
  id: string;
  title: string;
  /** Lines as real programs write them, of several runtimes and versions. */
  symptoms: readonly string[];
  /** What people call it. */
  vocabulary: readonly string[];
  playbook: string;
  cause: string;
  fix: string;
  /** What fails: "postgres", "mysql", "redis", or "any". */
  targetKind: string;
}

/** Raised with every change of a case: a store with an older pack takes the new one over. */
export const STARTER_VERSION = 2;
