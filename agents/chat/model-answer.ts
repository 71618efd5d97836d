// An answer by a language model: at most a few read-only tools from the closed list, then claims. What it says is
// checked word by word as far as code can: ids, numbers, services and states must stand in the records that it cites.
import { z } from "zod";
import type { Model } from "../../tools/model.ts";
import { plainLine } from "../evidence/observer.ts";
import { answerPrompt, readPrompt } from "../prompts/chat.ts";
import type { Prompt } from "../prompts/prompt.ts";
import { wordsOf } from "./plain-words.ts";
import { callTool, toolCallSchema, toolList } from "./model-tools.ts";
import type { Notebook, NotedRecord } from "./notebook.ts";
import { contentOf, type Question } from "./question.ts";
import type { Reading } from "./reading.ts";
import type { Claim } from "./reply.ts";
import { overlap } from "./subject.ts";

const MOST_ROUNDS = 3;
const MOST_CALLS = 3;
const LONGEST_CLAIM = 400;
/** Of a claim's words that carry meaning. */
const LEAST_SHARED = 0.4;

const readSchema = z.object({ tools: z.array(z.unknown()).max(20) });
const answerSchema = z.object({
  claims: z
    .array(
      z.object({ text: z.string().min(1).max(LONGEST_CLAIM), records: z.array(z.string()).min(1).max(10) }),
    )
    .min(1)
    .max(8),
});

export interface ModelQuestion {
  model: Model;
  question: Question;
  reading: Reading;
  notebook: Notebook;
  /** Of the services that are watched. */
  names: readonly string[];
  now: number;
  /** The rules' answer; its records are read already. */
  draft: readonly Claim[];
  signal?: AbortSignal | undefined;
}

/** undefined: no model, or anything about its answer that does not hold. */
export async function modelClaims(asked: ModelQuestion): Promise<Claim[] | undefined> {
  const { model, question, notebook, names, draft, signal } = asked;
  // What is to be done is never a model's to word.
  if (model.provider === "none" || question.intent === "act") return undefined;
  if (!(await readMore(asked))) return undefined;
  const records = notebook.all();
  if (records.length === 0) return undefined;
  const answer = await answered(
    model,
    answerSchema,
    answerPrompt(
      question.text,
      records,
      draft.map((one) => one.text),
    ),
    signal,
  );
  if (!answer) return undefined;
  const claims = answer.claims.map(({ text, records: ids }) => {
    const cited = ids.map((id) => notebook.byId(id));
    const words = plainLine(text, LONGEST_CLAIM);
    const known = cited.filter((one) => one !== undefined);
    if (known.length !== ids.length || !holds(words, known, notebook, names)) return undefined;
    return { text: words, citations: known.map(({ kind, id }) => ({ kind, id })) };
  });
  return claims.every((one) => one !== undefined) ? claims : undefined;
}

/** false: it named something that is not on the list, so it is not to be listened to. */
async function readMore({
  model,
  question,
  reading,
  notebook,
  names,
  now,
  signal,
}: ModelQuestion): Promise<boolean> {
  for (let round = 1; round <= MOST_ROUNDS; round += 1) {
    const answer = await answered(
      model,
      readSchema,
      readPrompt(question.text, toolList, names, notebook.all(), round),
      signal,
    );
    if (!answer) return round > 1;
    if (answer.tools.length === 0) return true;
    for (const one of answer.tools.slice(0, MOST_CALLS)) {
      const call = toolCallSchema.safeParse(one);
      if (!call.success || !(await callTool(call.data, reading, { services: names, notebook, now })))
        return false;
    }
  }
  return true;
}

async function answered<T>(
  model: Model,
  schema: z.ZodType<T>,
  prompt: Prompt,
  signal?: AbortSignal,
): Promise<T | undefined> {
  try {
    return schema.safeParse(await model.ask(schema, prompt, signal)).data;
  } catch {
    return undefined;
  }
}

/** Words that say how something is: each must stand in a record that is not a stranger's log line. */
const STATES =
  /\b(healthy|well|healed|fixed|resolved|approved|rejected|denied|expired|pending|escalated|active|open|rolled back|taken back|undone|restarted|paused|stopped|down|critical|warning|unhealthy|safe)\b/g;
/** A claim is prose: no address, command or code. */
const NO_PROSE = /:\/\/|`|\$\(|\bsudo\b|\brm -|\bopsmedic [a-z]|\bdrop table\b|\bcurl\b/i;

export function holds(
  text: string,
  cited: readonly NotedRecord[],
  notebook: Notebook,
  services: readonly string[],
): boolean {
  if (NO_PROSE.test(text)) return false;
  const ids = notebook
    .all()
    .map((one) => one.id)
    .filter((id) => text.includes(id));
  const whole = cited
    .map((one) => `${one.id} ${one.text}`)
    .join("\n")
    .toLowerCase();
  const own = cited
    .filter((one) => one.kind !== "log" && one.kind !== "pattern")
    .map((one) => one.text)
    .join("\n")
    .toLowerCase();
  const bare = ids
    .sort((a, b) => b.length - a.length)
    .reduce((left, id) => left.replaceAll(id, " "), text)
    .toLowerCase();
  const inRecords = new Set(numbersIn(whole));
  return (
    !/\b(inc|run|apr|case|backup|audit|watch)_\w+/.test(bare) &&
    ids.every((id) => whole.includes(id.toLowerCase())) &&
    numbersIn(bare).every((one) => inRecords.has(one)) &&
    isBorneOut(bare, whole) &&
    services.every((one) => !mentions(bare, one.toLowerCase()) || mentions(whole, one.toLowerCase())) &&
    (bare.match(STATES) ?? []).every((one) => own.includes(one)) &&
    // "All is well" is about every service, and no record says that.
    !/\b(all|everything|every service|nothing)\b[^.]*\b(healthy|well|fine|ok|okay|good|wrong)\b/.test(bare)
  );
}

/** Code cannot judge prose; but a claim whose words the records hardly know is about something else. */
function isBorneOut(text: string, records: string): boolean {
  const words = contentOf(wordsOf(text)).filter((one) => one.length > 2);
  return overlap(words, records) >= words.length * LEAST_SHARED;
}

/** "2,840 ms" and "2840ms" are the same number; 85 and 85.00, too. */
export function numbersIn(text: string): number[] {
  return (text.replaceAll(/(\d),(?=\d{3}\b)/g, "$1").match(/\d+(?:\.\d+)?/g) ?? []).map(Number);
}

function mentions(text: string, name: string): boolean {
  return new RegExp(`(^|[^\\w-])${name.replaceAll(/[^\w-]/g, ".")}(?![\\w-])`).test(text);
}
