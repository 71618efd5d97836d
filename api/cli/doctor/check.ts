// One check of the surroundings: what it looks at, and what to do where it is not well.
export interface CheckResult {
  name: string;
  status: "ok" | "warn" | "fail";
  /** What was seen. */
  text: string;
  /** What to do; for warn and fail. */
  advice?: string;
}

/** May throw: that is a failed check. Never waits longer than the signal. */
export interface Check {
  name: string;
  run(signal: AbortSignal): Promise<Omit<CheckResult, "name"> | Omit<CheckResult, "name">[]>;
}
