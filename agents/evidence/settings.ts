// Which setting governs a behaviour: found by its name in the service's own editable files, with the next value one
// bounded step away. Where several could be meant, none is proposed.
import { canonicalJson, type Json, type JsonObject } from "../../domain/json.ts";
import type { ServiceFiles } from "../../tools/service-files.ts";
import { millisecondsOf, step } from "./bounded-step.ts";
import { durationsOf, hostOf } from "./logs.ts";
import { inWords, type Look, type Observer, type ReadSetting, seen, textsParam, unseen } from "./observer.ts";

const MOST_FILES = 50;
/** In more files than this it is hardly one setting. */
const MOST_COPIES = 10;
const LARGEST_FILE = 256 * 1024;
/** Beyond this a longer wait is no repair any more. */
const LONGEST_MS = 60_000;

interface Kind {
  /** Of the last part of a pointer; `whole`: or of all of it. */
  name: RegExp;
  whole?: RegExp;
  direction: "raise" | "lower";
  duration: boolean;
  /** A number beyond which a fix does not go. */
  most?: number;
}

const kinds: Record<string, Kind> = {
  delay: {
    name: /(?:delay|interval|pause|wait|throttle|sleep|spacing|cooldown)/i,
    direction: "raise",
    duration: true,
  },
  batch: {
    name: /(?:batch|chunk|page_?size|concurren|parallel|per_?(?:second|minute)|rps)/i,
    direction: "lower",
    duration: false,
  },
  retries: {
    name: /(?:retries|retry_?count|max_?retry|attempts)$/i,
    direction: "lower",
    duration: false,
  },
  pool: {
    name: /(?:pool_?(?:size|max|limit)?|max_?pool(?:_?size)?|max_?connections|connection_?limit)$/i,
    whole: /pool[^.]*\.(?:max|size|limit|max_?(?:size|connections))$/i,
    direction: "raise",
    duration: false,
    most: 200,
  },
  workers: {
    name: /(?:workers?(?:_?(?:count|max))?|worker_?processes|max_?children|threads)$/i,
    direction: "raise",
    duration: false,
    most: 64,
  },
  timeout: { name: /(?:time_?out|deadline)/i, direction: "raise", duration: true },
};

/** Names that speak of calls to others. */
const OUTWARD = /(?:upstream|partner|remote|client|request|api|http|fetch|call|rate|provider|gateway)/i;
/** Names that speak of something else, though they are durations. */
const ELSEWHERE = /(?:health|probe|shutdown|keep_?alive|session|idle|cache|ttl|log|poll_?config|startup)/i;

interface Candidate {
  path: string;
  setting: ReadSetting;
  kind: string;
  rank: number;
}

const settingFor: Observer = async (look) => {
  const files = look.parts.filesOf(look.scene.service);
  if (!files) return unseen("the configuration names no files that may be changed");
  const all = await settingsOf(look, files);
  for (const kind of textsParam(look.params, "settings")) {
    const best = bestOf(all.flatMap(({ path, setting }) => candidate(look, kind, path, setting)));
    if (best.length > 1 && isOneSetting(best)) return proposalForAll(best);
    if (best.length > 1) return unseen(`several settings could govern it: ${best.map(nameOf).join(", ")}`);
    if (best[0]) return proposal(best[0]);
  }
  return seen(null, "no setting in its files governs it");
};

/** Whether the log names the very duration that a timeout setting has. */
const timeoutMatchesSetting: Observer = async (look) => {
  const files = look.parts.filesOf(look.scene.service);
  const told = durationsOf(look, "timeout");
  if (!files || told.length === 0) return unseen("the log names no duration, or no files are known");
  const match = (await settingsOf(look, files)).find(
    ({ setting }) =>
      kinds["timeout"]?.name.test(lastPart(setting.pointer)) &&
      isTold(told, millisecondsOf(setting.pointer, setting.value)),
  );
  return match
    ? seen(true, `the log names the value of ${match.setting.pointer}`)
    : seen(false, "the log names another duration than the settings");
};

export const settings: Record<string, Observer> = {
  "setting-for": settingFor,
  "timeout-matches-setting": timeoutMatchesSetting,
};

function proposal({ path, setting, kind }: Candidate) {
  const rules = kinds[kind];
  const to = rules ? step(setting.value, rules.direction) : undefined;
  if (!rules || to === undefined) return seen(null, `${setting.pointer} in ${path} has no step left`);
  if (typeof to === "number" && to > (rules.most ?? Number.POSITIVE_INFINITY))
    return seen(null, `${setting.pointer} is ${canonicalJson(setting.value)}, which is much already`);
  const ms = rules.duration ? millisecondsOf(setting.pointer, to) : undefined;
  if (ms !== undefined && ms > LONGEST_MS)
    return seen(null, `${setting.pointer} is already ${inWords(ms)} long`);
  return seen(
    { path, pointer: setting.pointer, from: setting.value, to, setting: kind },
    `${setting.pointer} in ${path} is ${canonicalJson(setting.value)}, next ${canonicalJson(to)}`,
  );
}

/** The same name with the same value, once in each of several files: one setting that was written down several times. */
function isOneSetting(all: readonly Candidate[]): boolean {
  const distinct = (of: (one: Candidate) => string): number => new Set(all.map(of)).size;
  return (
    all.length <= MOST_COPIES &&
    distinct((one) => one.path) === all.length &&
    distinct((one) => canonicalJson(one.setting.value).replaceAll('"', "")) === 1 &&
    distinct((one) =>
      lastPart(one.setting.pointer)
        .toLowerCase()
        .replaceAll(/[^a-z0-9]/g, ""),
    ) === 1
  );
}

/** As for one, with each file's own edit. */
function proposalForAll(all: readonly Candidate[]) {
  const [first] = all;
  const one = first && proposal(first);
  if (!first || !one || !("value" in one) || one.value === null) return one ?? unseen("no setting");
  const direction = kinds[first.kind]?.direction ?? "raise";
  const edits = all.map(({ path, setting: { pointer, value } }) => {
    return { path, pointer, from: value, to: step(value, direction) ?? value };
  });
  const { from, to } = one.value as { from: Json; to: Json };
  return seen(
    { ...(one.value as JsonObject), edits },
    `${first.setting.pointer} is ${canonicalJson(from)} in ${all.map((each) => each.path).join(", ")}, next ${canonicalJson(to)}`,
  );
}

function candidate(look: Look, kind: string, path: string, setting: ReadSetting): Candidate[] {
  const rules = kinds[kind];
  const name = lastPart(setting.pointer);
  const fits = rules?.name.test(name) === true || rules?.whole?.test(setting.pointer) === true;
  if (!rules || !fits || setting.locked !== undefined) return [];
  if (step(setting.value, rules.direction) === undefined) return [];
  const told =
    kind === "timeout" && isTold(durationsOf(look, "timeout"), millisecondsOf(name, setting.value));
  const host = hostOf(look, kind === "timeout" ? "timeout" : "rate-limit")?.split(".") ?? [];
  const named = host.some((part) => part.length > 3 && setting.pointer.toLowerCase().includes(part));
  const rank =
    (told ? 8 : 0) +
    (named ? 4 : 0) +
    (OUTWARD.test(setting.pointer) ? 2 : 0) -
    (ELSEWHERE.test(setting.pointer) ? 4 : 0);
  return rank < 0 ? [] : [{ path, setting, kind, rank }];
}

function bestOf(candidates: readonly Candidate[]): Candidate[] {
  const highest = Math.max(...candidates.map((one) => one.rank));
  return candidates.filter((one) => one.rank === highest);
}

async function settingsOf(
  { parts }: Look,
  files: Pick<ServiceFiles, "list">,
): Promise<{ path: string; setting: ReadSetting }[]> {
  const small = (await files.list()).filter((one) => one.content.length <= LARGEST_FILE).slice(0, MOST_FILES);
  return small.flatMap(({ path, content }) =>
    readOrNone(parts, path, content).map((setting) => ({ path, setting })),
  );
}

/** A file that cannot be read as its format has no settings for us. */
function readOrNone(parts: Look["parts"], path: string, content: string): readonly ReadSetting[] {
  try {
    return parts.readSettings(path, content) ?? [];
  } catch {
    return [];
  }
}

function isTold(told: readonly number[], ms: number | undefined): boolean {
  return ms !== undefined && told.some((one) => Math.abs(one - ms) <= ms * 0.05);
}

function lastPart(pointer: string): string {
  return (
    pointer
      .split(/[.[]/)
      .at(-1)
      ?.replaceAll(/["'\]]/g, "") ?? pointer
  );
}

function nameOf({ path, setting }: Candidate): string {
  return `${setting.pointer} in ${path}`;
}
