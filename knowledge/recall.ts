// Recall: cases like this one, out of everything that is remembered. "Nothing similar" (an empty list) is an answer.

export interface RecalledCase {
  id: string;
  title: string;
  /** Symptom lines as they came, masked and normalised. */
  symptoms: string[];
  playbook: string;
  cause: string;
  fix: string;
  /** How it ended; "known" for general cases that were not lived through here. */
  outcome: "healed" | "not-healed" | "worse" | "escalated" | "rejected" | "known";
  /** The run that it comes from; null for general and imported cases. */
  runId: string | null;
  service: string | null;
  at: number;
  /** 0–1; below the store's threshold nothing is similar. */
  similarity: number;
}

export interface RecallQuestion {
  /** Log lines, a finding's summary, or a person's own words. */
  text: string;
  /** Kind of target ("postgres", "docker", "process", …); absent: any. */
  targetKind?: string;
  limit: number;
}

export interface Recall {
  similar(question: RecallQuestion, signal?: AbortSignal): Promise<RecalledCase[]>;
}
