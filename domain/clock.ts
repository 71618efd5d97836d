// Time and ids are parameters, so that tests own them. All times inside opsmedic are Unix milliseconds;
// ISO 8601 appears only at the doors (API, command line, files).

export interface Clock {
  now(): number;
  /** Resolves after `ms`, rejects with the signal's reason when aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export type MakeId = (prefix: string) => string;
