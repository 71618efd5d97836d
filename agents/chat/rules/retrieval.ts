// For questions that no rule knows: the records whose words fit best, or an honest "I do not know". Words that stand
// in many records count less (inverse document frequency).
import { cite, type Claim, type Citation } from "../reply.ts";
import { stem } from "../subject.ts";
import { quoted } from "../words.ts";
import { type Ask, claim, type Draft } from "./rule.ts";
import { nothingOf } from "./trouble.ts";

const MOST = 4;
/** Of the weight of the question's words that a record must hold. */
const ENOUGH = 0.5;

interface Document {
  text: string;
  claim: Claim;
}

function document(text: string, ...citations: Citation[]): Document {
  return { text: text.toLowerCase(), claim: claim(quoted(text, 300), ...citations) };
}

export async function retrieval(ask: Ask): Promise<Draft> {
  const { question, reading, moment } = ask;
  if (question.unknownService !== undefined) return nothingOf(ask);
  const words = [...new Set([...question.content, ...question.services])].filter((one) => one.length > 2);
  const [incidents, runs, cases, patterns] = await Promise.all([
    reading.incidents({ from: question.span?.from, to: question.span?.to }),
    reading.runs({ from: question.span?.from, to: question.span?.to }),
    reading.cases({ from: question.span?.from, to: question.span?.to }),
    reading.patterns({ limit: 100 }),
  ]);
  const documents = [
    ...incidents.map((one) =>
      document(`${one.id}, ${moment(one.openedAt)}, ${one.service}: ${one.title}`, cite("incident", one.id)),
    ),
    ...runs.map((one) =>
      document(
        `${one.id}, ${moment(one.startedAt)}, ${one.service}: ${(one.report ?? one.reason).replaceAll("\n", " ")}`,
        cite("run", one.id),
      ),
    ),
    ...cases.map((one) =>
      document(
        `${one.id}, ${one.service}: ${one.symptom} ${one.playbook}, ${one.fix}, ${one.outcome}`,
        cite("case", one.id),
      ),
    ),
    ...patterns.map((one) =>
      document(`${one.service} logs "${one.template}"`, cite("pattern", `${one.service}:${one.id}`)),
    ),
  ];
  const weights = new Map(
    words.map((word) => [
      word,
      Math.log(1 + documents.length / (1 + documents.filter((one) => holds(one, word)).length)),
    ]),
  );
  const whole = [...weights.values()].reduce((sum, one) => sum + one, 0);
  const found = documents
    .map((one) => ({
      one,
      share:
        words.reduce((sum, word) => sum + (holds(one, word) ? (weights.get(word) ?? 0) : 0), 0) /
        (whole || 1),
    }))
    .filter(({ share }) => share >= ENOUGH)
    .sort((a, b) => b.share - a.share)
    .slice(0, MOST)
    .map(({ one }) => one.claim);
  return found.length > 0
    ? { claims: found, note: "I am not sure what you ask; these records fit its words best." }
    : { claims: [], note: "I do not know." };
}

function holds({ text }: Document, word: string): boolean {
  return new RegExp(`(^|[^\\p{L}\\p{N}])${stem(word).replaceAll(/[^\p{L}\p{N}]/gu, ".")}`, "u").test(text);
}
