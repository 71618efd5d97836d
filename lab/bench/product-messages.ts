// What a benchmark and the product's process say to each other.

export interface OpenRequest {
  /** As in opsmedic.yaml. */
  config: object;
  baseDir: string;
  url: string | undefined;
}

export interface RunAnswer {
  /** From the call to its answer. */
  ms: number;
  outcome: string;
  nodes: { node: string; ms: number }[];
  /** What the plan's actions themselves took: stopping and starting. */
  actionMs: number;
  report: string;
}

export interface Answers {
  open: void;
  /** Starts services and waits until they are well; their pids. */
  start: number[];
  run: RunAnswer;
  /** Watches all services, and heals by direct call or through the queue on the store. */
  watch: void;
  sweep: { ms: number; findings: number };
  /** Resident set size in bytes. */
  memory: number;
  close: void;
}

export interface Ask {
  id: number;
  ask: keyof Answers;
  about: unknown;
}

export interface Happening {
  what: "requested" | "applying" | "ended" | "error";
  service: string;
  at: number;
  outcome?: string;
  text?: string;
}

export interface Told {
  id?: number;
  answer?: unknown;
  error?: string;
  happening?: Happening;
}
