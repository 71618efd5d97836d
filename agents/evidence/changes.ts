// What changed, and when the trouble began compared with it.
import { type ChangeSignal, only } from "../../domain/signal.ts";
import {
  inWords,
  type Look,
  numberParam,
  type Observer,
  plainLine,
  seen,
  signalsOf,
  symptomBegan,
  unseen,
} from "./observer.ts";

/** Clocks of files and of detectors differ a little, and a symptom is dated when it was first seen. */
const SLACK_MS = 60_000;
const SOON_AFTER_START_MS = 120_000;
/** An instance whose every check was good for so long, again and again, had begun well. */
const BEGAN_WELL_MS = 10_000;
const BEGAN_WELL_ANSWERS = 4;
/** Of the limit that was passed since: a program that still comes up works harder than that. */
const CALM_SHARE = 0.5;
const SOON_AFTER_CHANGE_MS = 15 * 60_000;
const MOST_PATHS = 50;

/** Files that differ from the last known good version, changed before the symptom; null: none of them does. */
const changedFiles: Observer = async (look) => {
  const { parts, scene, params } = look;
  const began = symptomBegan(scene);
  const within = numberParam(params, "withinMinutes", Number.POSITIVE_INFINITY) * 60_000;
  const all = await presentChanges(look);
  const changes = latestByPath(all).filter((one) => one.at <= began + SLACK_MS && began - one.at <= within);
  const [first] = changes;
  if (first) {
    const paths = changes.map((one) => one.path).slice(0, MOST_PATHS);
    const text = changes.map((one) => `${one.path} (${one.summary})`).join(", ");
    return seen({ version: first.goodVersion, paths }, plainLine(`changed since it was well: ${text}`));
  }
  if (all.length > 0) return seen(null, "no file changed before the symptom");
  const files = parts.filesOf(scene.service);
  if (!files) return unseen("the configuration names no files");
  await files.list(); // throws where they cannot be read: then nothing is known, rather than nothing changed
  const good = await parts.history.lastGood(scene.service.name);
  return good
    ? seen(null, "no file differs from the last known good version")
    : unseen("no version is known good yet");
};

/** "at-start" | "after-change" | "in-operation": what the symptom followed. */
const errorBegan: Observer = async (look) => {
  const began = symptomBegan(look.scene);
  const change = latestByPath(await presentChanges(look)).findLast((one) => one.at <= began + SLACK_MS);
  if (change && began - change.at <= SOON_AFTER_CHANGE_MS) {
    return seen(
      "after-change",
      `began ${inWords(Math.max(0, began - change.at))} after ${change.path} changed`,
    );
  }
  const started = (await look.state())?.startedAt;
  if (started === undefined) return unseen("its start was not seen");
  // An instance that is younger than the symptom came up into it: the symptom did not begin with its start.
  const age = began - started;
  if (passedItsOwnCheck(look, started, began)) {
    return seen("in-operation", "began after its own health check had passed");
  }
  if (age < -SLACK_MS) return seen("in-operation", "began with an earlier instance");
  if (beganWell(look, started, began) || beganCalm(look, started, began))
    return seen("in-operation", `began ${inWords(age)} after a good start`);
  return age <= SOON_AFTER_START_MS
    ? seen("at-start", `began ${inWords(Math.max(0, age))} after its start`)
    : seen("in-operation", `began ${inWords(age)} after its start`);
};

/** Measured, not read: every health check that was asked since the start was good until the symptom, for a while. */
function beganWell(look: Look, started: number, began: number): boolean {
  const probes = only(signalsOf(look), "probe").filter((one) => one.at >= started && one.at < began);
  const byCheck = Map.groupBy(probes, (one) => one.probe);
  return byCheck.size > 0 && [...byCheck.values()].every((answers) => stayedGood(answers, (one) => one.ok));
}

/** For trouble with its CPU, also of a program whose health nobody asks for: its use came down, and stayed low for a while. */
function beganCalm(look: Look, started: number, began: number): boolean {
  const { kind, facts } = look.scene.finding;
  const limit = facts["threshold"];
  if (kind !== "cpu" || typeof limit !== "number") return false;
  const used = only(signalsOf(look), "metric").filter(
    (one) => one.name === "cpu" && one.of === "service" && one.at >= started && one.at < began,
  );
  return stayedGood(used, (one) => one.value <= limit * CALM_SHARE);
}

/** From the first good one (before it, it may still have been coming up) to the first bad one. */
function stayedGood<T extends { at: number }>(all: readonly T[], isGood: (one: T) => boolean): boolean {
  const up = all.slice(Math.max(0, all.findIndex(isGood)));
  const bad = up.findIndex((one) => !isGood(one));
  const good = bad < 0 ? up : up.slice(0, bad);
  const [first, last] = [good[0], good.at(-1)];
  return good.length >= BEGAN_WELL_ANSWERS && !!first && !!last && last.at - first.at >= BEGAN_WELL_MS;
}

function passedItsOwnCheck(look: Look, started: number, began: number): boolean {
  return only(signalsOf(look), "state").some(
    (one) => one.health === "healthy" && one.at < began && one.startedAt === started,
  );
}

export const changes: Record<string, Observer> = { "changed-files": changedFiles, "error-began": errorBegan };

/** Of the changes that were seen lately, those that were not taken back since (by us, or by a person). */
async function presentChanges(look: Look): Promise<ChangeSignal[]> {
  const all = only(signalsOf(look), "change");
  if (all.length === 0) return [];
  const { parts, scene } = look;
  const [good, present] = await Promise.all([
    parts.history.lastGood(scene.service.name),
    parts.filesOf(scene.service)?.list(),
  ]);
  if (!good || !present) return all;
  return all.filter(
    ({ path, goodVersion }) =>
      goodVersion === good.version && contentOf(good.files, path) !== contentOf(present, path),
  );
}

function contentOf(files: readonly { path: string; content: string }[], path: string): string | undefined {
  return files.find((one) => one.path === path)?.content;
}

function latestByPath<T extends { path: string; at: number }>(all: readonly T[]): T[] {
  return [...new Map(all.map((one) => [one.path, one])).values()].toSorted((a, b) => a.at - b.at);
}
