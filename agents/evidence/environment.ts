// Variables that a program asks for and does not have. The name comes from its own words, so this can bring the cause up
// and support it, and never be what tells it from its rivals (agents/confidence.ts names it).
import { only } from "../../domain/signal.ts";
import { logPatterns } from "./log-patterns.ts";
import { type Look, type Observer, plainLine, seen, signalsOf, textsParam, unseen } from "./observer.ts";

const NAME = /\b[A-Z][A-Z0-9]{0,40}(?:_[A-Z0-9]{1,40}){0,6}\b/g;
const MOST_LINES = 500;
const LONGEST_LINE = 1_000;
const BEFORE_MS = 30_000;
/** Capitals that stand in such sentences and are no variables. */
const OTHER_WORDS =
  /^(?:ERROR|WARN|WARNING|INFO|DEBUG|FATAL|TRACE|ENV|HTTP|HTTPS|URL|API|JSON|YAML|TODO|UTC|GMT|E[A-Z]{3,12}|ERR_\w+)$/;

/** The variable that its log misses and that its environment does lack; null: none. */
const missingVariable: Observer = async (look) => {
  const own = await variablesOf(look);
  if (own === undefined) return unseen("its environment cannot be seen");
  const since = look.scene.finding.since - BEFORE_MS;
  const lines = only(signalsOf(look), "log")
    .filter((one) => one.at >= since)
    .slice(-MOST_LINES)
    .map((one) => one.text.slice(0, LONGEST_LINE))
    .filter((one) => logPatterns.variable.test(one));
  for (const line of lines.toReversed()) {
    const name = (line.match(NAME) ?? []).find((one) => !OTHER_WORDS.test(one) && !own.has(one));
    if (name !== undefined)
      return seen({ value: name, missing: true }, plainLine(`${name} is asked for and not set: ${line}`));
  }
  return lines.length > 0
    ? seen(null, "no variable that it names is missing")
    : seen(null, "its log misses no variable");
};

export const environment: Record<string, Observer> = { "missing-variable": missingVariable };

/** Names only: of the configuration, of the running process, of the container, and of its own .env files. */
async function variablesOf(look: Look): Promise<Set<string> | undefined> {
  const { runtime } = look.scene.service;
  if (!runtime) return undefined;
  const pid = (await look.pids())?.[0];
  const running = pid === undefined ? undefined : await look.parts.machine?.variables(pid);
  const inFiles = await envFiles(look);
  const description = await look.described();
  if (runtime.kind === "process") {
    const given = textsParam(description ?? {}, "variables");
    return new Set([...Object.keys(runtime.env), ...given, ...(running ?? []), ...inFiles]);
  }
  const described = description?.["environment"];
  if (typeof described !== "object" || described === null)
    return running && new Set([...running, ...inFiles]);
  return new Set([...Object.keys(described), ...(running ?? []), ...inFiles]);
}

async function envFiles({ parts, scene }: Look): Promise<string[]> {
  const files = (await parts.filesOf(scene.service)?.list()) ?? [];
  return files
    .filter((one) => /(?:^|\/)\.env[^/]*$|\.env$/.test(one.path))
    .flatMap((one) => one.content.match(/^\s*(?:export )?[A-Za-z_]\w{0,100}(?==)/gm) ?? [])
    .map((one) => one.replace("export ", "").trim());
}
