// gate replay, audit ls and verify: what can be checked afterwards.
import type { Verdict } from "../../../domain/plan.ts";
import { answer, type Command } from "../context.ts";
import { EXIT } from "../exit-codes.ts";
import { renderAudit } from "../render/lists.ts";
import { many, percentOfBp } from "../render/words.ts";
import { limitOption } from "./options.ts";

/** Judges a recorded run again; a verdict that differs is a problem (exit code 3). */
export const replay: Command = (context, [id = ""]) =>
  context.withOperations(async (operations) => {
    const verdicts = await operations.replayGate(id);
    const code = verdicts.every(({ same }) => same) ? EXIT.ok : EXIT.problems;
    return answer(
      verdicts,
      (given) => given.map(replayed).join("\n") || `Run ${id} never came to the gate.`,
      code,
    );
  });

function replayed({
  recorded,
  replayed,
  same,
}: {
  recorded: Verdict;
  replayed: Verdict;
  same: boolean;
}): string {
  if (same) return `✓ ${words(recorded)}: the same again (rules ${recorded.version})`;
  const rules = replayed.reasons.filter(
    ({ rule, outcome }) => !recorded.reasons.some((one) => one.rule === rule && one.outcome === outcome),
  );
  return [
    `✕ recorded ${words(recorded)}, replayed ${words(replayed)}`,
    ...rules.map((one) => `    ${one.rule}: ${one.text}`),
  ].join("\n");
}

export const audit: Command = (context, _args, options) =>
  context.withOperations(async (operations) => {
    const entries = await operations.audit({ limit: limitOption(options) });
    return answer(entries, (given) => renderAudit(given, context.terminal.paint));
  });

export const verifyAudit: Command = (context) =>
  context.withOperations(async (operations) => {
    const result = await operations.verifyAudit();
    return answer(
      result,
      ({ ok, entries, brokenAt, problem }) =>
        ok
          ? `✓ The chain of ${many(entries, "entry", "entries")} is whole.`
          : `✕ The chain breaks at entry ${brokenAt ?? "?"} of ${entries}: ${problem ?? "unknown"}`,
      result.ok ? EXIT.ok : EXIT.problems,
    );
  });

function words({ decision, scoreBp }: Verdict): string {
  return `${decision} at ${percentOfBp(scoreBp)}`;
}
