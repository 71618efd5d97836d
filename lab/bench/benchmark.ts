// What a benchmark is: something that measures, and gives rows of samples, each with whom it is about.

/** A peer does the same job by other means; a floor is the least that the machine allows. */
export type Role = "opsmedic" | "peer" | "floor";

export interface Row {
  role: Role;
  what: string;
  unit: "ms" | "MB" | "lines/s" | "%";
  samples: readonly number[];
  /** The median must not be above it; of lines/s and %, not below it. */
  bar?: number;
  note?: string;
}

/** What could not be measured here, and why. */
export interface Missing {
  what: string;
  missing: string;
}

export interface BenchContext {
  /** How many samples of each number. */
  runs: number;
  /** A private server with durable commits; undefined where no server programs are installed. */
  postgres: PostgresDatabases | undefined;
  /** For a person who waits; goes to stderr. */
  say: (text: string) => void;
}

export interface PostgresDatabases {
  /** As the server's program says it. */
  version: string;
  /** An empty database of its own; its URL. */
  fresh(): Promise<string>;
}

export interface Benchmark {
  name: string;
  title: string;
  /** Takes minutes: it runs only when --only names it. */
  onlyByName?: true;
  run(context: BenchContext): Promise<(Row | Missing)[]>;
}

/** Both stores, or the embedded one and a word about the other. */
export async function onEachStore(
  { postgres, say }: BenchContext,
  measure: (store: StoreChoice) => Promise<(Row | Missing)[]>,
): Promise<(Row | Missing)[]> {
  say("on the embedded store");
  const rows = await measure({ name: "embedded" });
  if (!postgres) return [...rows, { what: "on PostgreSQL", missing: "no PostgreSQL server is installed" }];
  say("on PostgreSQL");
  return [...rows, ...(await measure({ name: "PostgreSQL", url: await postgres.fresh() }))];
}

export interface StoreChoice {
  name: "embedded" | "PostgreSQL";
  /** Absent: embedded, in the folder of the product. */
  url?: string;
}
