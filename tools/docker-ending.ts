// How did a container end: by itself, or because somebody wanted it down? The engine knows but does not tell, so
// it is read from what it announced, and where nothing is known any more, from the exit code.
import { constants } from "node:os";

/** What is known of one end of a container. */
export interface Ending {
  exitCode: number;
  finishedAt: number;
  /** What is known of the announcements about this container since it was started. */
  events: readonly { action: string; at: number; signal?: string | undefined }[];
  /** Config.StopSignal, where the image names one. */
  stopSignal: string | undefined;
  /** HostConfig.RestartPolicy.Name: "no", "on-failure", "always", "unless-stopped". */
  restartPolicy: string;
  /** We are in the middle of a restart of our own. */
  ownRestart: boolean;
}

/** `docker stop` sends its signal, waits (10 s by default), kills: the announcement of the end comes that much later. */
const SIGNAL_TO_END_MS = 60_000;
/** The event "stop" follows "die" within milliseconds; clocks of engine and container agree. */
const STOP_AFTER_MS = 5_000;
const ASKING_SIGNALS = new Set(["2", "SIGINT", "15", "SIGTERM"]);
/** 128 + SIGINT, 128 + SIGTERM: an end that somebody asked for, and that nothing else leaves. */
const ASKED_CODES = new Set([130, 143]);
/** SIGABRT, SIGKILL, SIGSEGV: never a wish. `docker kill` leaves the second one. */
const VIOLENT_CODES = new Set([134, 137, 139]);

/**
 * In this order:
 * 1. A restart of ours that was cut off is ours to finish: no.
 * 2. The engine announced "stop" for this end (docker stop, compose stop, compose down): yes.
 * 3. SIGTERM, SIGINT or the image's own stop signal was sent shortly before: yes. (Also the moment between "die" and "stop".)
 * 4. Exit code 130 or 143, by whomever the signal was sent: yes.
 * 5. The end itself was announced, and nothing of that: no. That is a crash, an OOM kill, `docker kill`, or a program
 *    that ended with 0 although it should serve.
 * 6. It is not known (opsmedic was away, and the engine keeps only 256 events): exit code 0 is taken for a wish, and so is any end
 *    under the policies "always" and "unless-stopped" but a violent one, since the engine restarts all others.
 *    When in doubt nothing is done to a container that its operator may want down.
 */
export function wasWanted(ending: Ending): boolean {
  const { events, exitCode, finishedAt, stopSignal, restartPolicy } = ending;
  if (ending.ownRestart) return false;
  const stopped = events.some((one) => one.action === "stop" && one.at >= finishedAt - STOP_AFTER_MS);
  if (stopped) return true;
  const asking = new Set([...ASKING_SIGNALS, ...spellings(stopSignal)]);
  const asked = events.some(
    (one) =>
      one.action === "kill" &&
      asking.has(one.signal ?? "") &&
      one.at <= finishedAt + STOP_AFTER_MS &&
      one.at >= finishedAt - SIGNAL_TO_END_MS,
  );
  if (asked || ASKED_CODES.has(exitCode)) return true;
  if (events.some((one) => one.action === "die")) return false;
  const policyRestarts = restartPolicy === "always" || restartPolicy === "unless-stopped";
  return exitCode === 0 || (policyRestarts && !VIOLENT_CODES.has(exitCode));
}

/** SIGKILL as a stop signal tells nothing apart. */
function spellings(stopSignal: string | undefined): string[] {
  if (stopSignal === undefined || /^(SIG)?KILL$|^9$/.test(stopSignal)) return [];
  const short = stopSignal.replace(/^SIG/, "");
  const number = constants.signals[`SIG${short}` as NodeJS.Signals] as number | undefined;
  return [stopSignal, short, `SIG${short}`, String(number ?? stopSignal)];
}
