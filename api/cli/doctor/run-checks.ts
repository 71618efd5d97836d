// Runs checks side by side, each within its time. A check that throws has failed, and says what would work.
import { HealError, messageOf } from "../../../domain/errors.ts";
import type { Check, CheckResult } from "./check.ts";

const CHECK_MS = 8_000;

/** Never throws; results in the order of the checks. */
export async function runChecks(checks: readonly Check[], signal: AbortSignal): Promise<CheckResult[]> {
  const results = await Promise.all(checks.map((check) => runCheck(check, signal)));
  return results.flat();
}

async function runCheck(check: Check, outside: AbortSignal): Promise<CheckResult[]> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(new Error(`no answer within ${CHECK_MS / 1_000} s`)), CHECK_MS);
  const signal = AbortSignal.any([outside, late.signal]);
  try {
    const found = await Promise.race([check.run(signal), whenAborted(signal)]);
    return (Array.isArray(found) ? found : [found]).map((one) => ({ name: check.name, ...one }));
  } catch (error) {
    const hint = error instanceof HealError ? error.hint : undefined;
    return [
      {
        name: check.name,
        status: "fail",
        text: messageOf(error),
        ...(hint !== undefined && { advice: hint }),
      },
    ];
  } finally {
    clearTimeout(timer);
  }
}

function whenAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const stop = () => reject(signal.reason instanceof Error ? signal.reason : new Error("interrupted"));
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });
}
