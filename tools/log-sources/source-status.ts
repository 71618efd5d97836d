// The last word on a log source: a source that is down is a finding, said once, and once more when it is over.
import type { Clock } from "../../domain/clock.ts";

export interface SourceStatus {
  source: string;
  ok: boolean;
  text: string;
  /** What would help; present when a person must do something. */
  hint?: string;
  at: number;
}

export type Report = (ok: boolean, text: string, hint?: string) => void;

/** Passes on what is new: that a source works from the start is no news. */
export function statusReporter({
  source,
  clock,
  onStatus,
}: {
  source: string;
  clock: Pick<Clock, "now">;
  onStatus?: ((status: SourceStatus) => void) | undefined;
}): Report {
  let before: { ok: boolean; text: string } = { ok: true, text: FOLLOWING };
  return (ok, text, hint) => {
    const news = before.ok !== ok || before.text !== text;
    before = { ok, text };
    if (news) onStatus?.({ source, ok, text, at: clock.now(), ...(hint === undefined ? {} : { hint }) });
  };
}

export const FOLLOWING = "following";
