// What the log says. Words from outside: they can support a cause or bring one up, but alone never open the gate
// (agents/confidence.ts names these observations).
import { type LogSignal, only } from "../../domain/signal.ts";
import { configError, hostIn, type LogPattern, logPatterns, millisecondsIn } from "./log-patterns.ts";
import {
  type Look,
  numberParam,
  type Observer,
  plainLine,
  seen,
  signalsOf,
  textParam,
  unseen,
} from "./observer.ts";

const MOST_LINES = 2_000;
const LONGEST_LINE = 2_000;
/** A detector needs a few lines until it speaks, so a symptom began a little before it says. */
const BEFORE_MS = 10_000;

const configErrorInLog: Observer = (look) => {
  const lines = linesOf(look);
  const line = lines.findLast((one) => configError.test(one));
  if (line !== undefined) return seen(plainLine(line), `the log says: ${plainLine(line)}`);
  return lines.length > 0 ? seen(null, "no word about its configuration") : unseen("no log line was seen");
};

/** How often a named pattern occurs; the most frequent host and the last duration that the lines name. */
const logPattern: Observer = (look) => {
  const name = textParam(look.params, "pattern", "");
  if (!isPattern(name)) return unseen(`there is no log pattern "${plainLine(name, 40)}"`);
  if (linesOf(look).length === 0) return unseen("no log line was seen");
  const lines = matching(look, name);
  const ms = lines.map(millisecondsIn).findLast((one) => one !== undefined);
  const host = mostFrequent(lines.flatMap((one) => hostIn(one) ?? []));
  const about = host ? ` about ${host}` : "";
  return seen(
    { value: lines.length, host: host ?? null, ms: ms ?? null },
    `${lines.length} lines of ${name}${about}`,
  );
};

/** Which part of what went wrong since the symptom began is of this pattern, 0–1. */
const logShare: Observer = (look) => {
  const name = textParam(look.params, "pattern", "");
  if (!isPattern(name)) return unseen(`there is no log pattern "${plainLine(name, 40)}"`);
  const troubles = logsOf(look).filter((one) => ["warn", "error", "fatal"].includes(one.level));
  if (troubles.length === 0) return unseen("no line of a warning or an error was seen");
  const share = troubles.filter((one) => logPatterns[name].test(one.text)).length / troubles.length;
  return seen(Math.round(share * 100) / 100, `${Math.round(share * 100)} % of what went wrong is ${name}`);
};

const upstreamOfLog: Observer = (look) => {
  const host = hostOf(look, textParam(look.params, "about", "rate-limit"));
  return host ? seen(host, `the log names ${plainLine(host, 80)}`) : seen(null, "the log names no host");
};

export const logs: Record<string, Observer> = {
  "config-error-in-log": configErrorInLog,
  "log-pattern": logPattern,
  "log-share": logShare,
  "upstream-of-log": upstreamOfLog,
};

/** The host that the lines of a pattern name most; for rate limits the detector's own answer comes first. */
export function hostOf(look: Look, about: string): string | undefined {
  const told = look.scene.findings.find((one) => one.kind === "rate-limited")?.facts["host"];
  if (about === "rate-limit" && typeof told === "string" && told !== "") return told.toLowerCase();
  return isPattern(about)
    ? mostFrequent(matching(look, about).flatMap((one) => hostIn(one) ?? []))
    : undefined;
}

/** The durations that the lines of a pattern name, in milliseconds. */
export function durationsOf(look: Look, about: LogPattern): number[] {
  return matching(look, about).flatMap((one) => millisecondsIn(one) ?? []);
}

function matching(look: Look, name: LogPattern): string[] {
  return linesOf(look).filter((one) => logPatterns[name].test(one));
}

function linesOf(look: Look): string[] {
  return logsOf(look).map((one) => one.text);
}

/** The lines that belong to the symptom: what went wrong before it began is another story. */
function logsOf(look: Look): LogSignal[] {
  const { scene, params } = look;
  const within = scene.now - numberParam(params, "withinMs", 600_000);
  const since = Math.max(within, scene.finding.since - BEFORE_MS);
  return only(signalsOf(look), "log")
    .filter((one) => one.at >= since)
    .slice(-MOST_LINES)
    .map((one) => ({ ...one, text: one.text.slice(0, LONGEST_LINE) }));
}

function isPattern(name: string): name is LogPattern {
  return Object.hasOwn(logPatterns, name);
}

function mostFrequent(values: readonly string[]): string | undefined {
  const counts = new Map<string, number>();
  for (const one of values) counts.set(one, (counts.get(one) ?? 0) + 1);
  return [...counts].toSorted((a, b) => b[1] - a[1])[0]?.[0];
}
