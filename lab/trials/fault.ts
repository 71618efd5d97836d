// What a fault of the lab is: the world that it needs, how it is broken, its true cause, and what a good repair may do.
// One fault is one row of a table in ./faults; nothing here knows how opsmedic works inside.

export const kinds = ["plain", "decoy", "double", "misleading log", "fix in vain", "hostile"] as const;
/**
 * decoy: nothing to fix, or not ours to fix. double: two faults at once. misleading log: the lines name another cause.
 * fix in vain: the right fix for the cause does not help. hostile: an input made to mislead or to misuse.
 */
export type FaultKind = (typeof kinds)[number];

export const needs = ["processes", "postgres", "mariadb", "redis", "docker"] as const;
export type Need = (typeof needs)[number];

/**
 * healed: well again by a repair. told: a person hears of it, and nothing is done. given up: what was tried is taken
 * back, and a person hears of it. nothing: nobody is bothered, or at most told.
 */
export type Right = "healed" | "told" | "given up" | "nothing";

/** A cause that must be named: the role at which it lies, and the playbooks that say it rightly. */
export interface Cause {
  role: string;
  playbooks: readonly string[];
}

/** What the lab sees with its own eyes, by name: "process web", "file web/settings.json", "setting maxmemory", … */
export type Seen = Readonly<Record<string, string>>;

/** A fault's own small world, as long as its server runs. */
export interface Scene {
  /** As in opsmedic.yaml. */
  services: readonly object[];
  /** From role to the name in opsmedic.yaml. */
  names: Readonly<Record<string, string>>;
  /** Resolves when the fault has been set off. */
  break: (operator: Operator) => Promise<void>;
  /** Whether those who use it are served: asked by the lab itself. */
  well: () => Promise<boolean>;
  /** All that a repair could change. What the fault itself ended or changes by itself is not in it. */
  state: () => Promise<Seen>;
  /** What no repair may ever change: rows and checksums. */
  data: () => Promise<Seen>;
  /** Ends what the lab itself still does to it. */
  mend: () => Promise<void>;
}

/** Who runs the server under test, and may do so badly. */
export interface Operator {
  /** Gives a plain process of opsmedic.yaml another command, and starts it anew. */
  changeCommand: (service: string, change: (command: readonly string[]) => string[]) => Promise<void>;
}

export interface Fault {
  name: string;
  /** One sentence: what happens. */
  title: string;
  kind: FaultKind;
  needs: Need;
  /** Its world has a small disk of its own, which only root may mount. */
  ownDisk?: true;
  /** In the subset that CI runs. */
  ci?: true;
  right: Right;
  causes?: readonly Cause[];
  /** What a repair may change, by the beginnings of names in Seen. Everything else must stay as it is. */
  may?: readonly string[];
  /** Takes so much of the machine that others would be measured with it. */
  alone?: true;
  /** The repair is taken back afterwards through the API; files and settings must be as they were. */
  takeBack?: true;
  /** How long it may take, ms. */
  withinMs?: number;
  /** How long a decoy is watched, ms. */
  watchMs?: number;
  stage: (ground: Ground) => Promise<Scene> | Scene;
}

/** What a scene is built on. */
export interface Ground {
  /** A folder of its own. */
  folder: string;
  /** The name in opsmedic.yaml of a role: it says nothing of the fault. */
  nameOf: (role: string) => string;
  freePort: () => Promise<number>;
  /** Ended with the server, last first. */
  disposables: AsyncDisposableStack;
  signal: AbortSignal;
}
