// Which incident a question is about: the one it names, else the one that fits its service, time and words best.
import { causeIn } from "../../domain/diagnosis.ts";
import type { IncidentRecord } from "../../knowledge/records.ts";
import type { Question } from "./question.ts";
import type { ReadRun, Reading } from "./reading.ts";

export interface Subject {
  incident: IncidentRecord;
  /** The latest first. */
  runs: ReadRun[];
}

const MOST_READ = 12;

/** undefined: there is none that fits. */
export async function subjectOf(
  question: Question,
  reading: Reading,
  prefer: (one: IncidentRecord) => boolean = () => false,
): Promise<Subject | undefined> {
  const { ids } = question;
  const runId = ids.run ?? runOf(ids);
  if (runId !== undefined) {
    const run = await reading.run(runId);
    const incident = run?.run.incidentId ? await reading.incident(run.run.incidentId) : undefined;
    return run && incident && { incident, runs: [run] };
  }
  if (ids.incident !== undefined) {
    const incident = await reading.incident(ids.incident);
    return incident && { incident, runs: await reading.runsOf(incident) };
  }
  const [incident] = await fitting(question, reading, prefer);
  return incident && { incident, runs: await reading.runsOf(incident) };
}

/** An approval's or a case's id holds its run's. */
function runOf(ids: Question["ids"]): string | undefined {
  return /run[_-]\w+/.exec(ids.approval ?? ids.case ?? "")?.[0]?.replace(/_[0-9a-f]{8}$/, "");
}

/** Best first. */
export async function fitting(
  { services, span, content }: Question,
  reading: Reading,
  prefer: (one: IncidentRecord) => boolean = () => false,
): Promise<IncidentRecord[]> {
  const lists = await Promise.all(
    (services.length > 0 ? services : [undefined]).map((service) =>
      reading.incidents({ service, from: span?.from, to: span?.to }),
    ),
  );
  const found = lists.flat().sort((a, b) => b.openedAt - a.openedAt);
  const fits = await wordsThatFit(content, found, reading);
  const rank = (one: IncidentRecord): number =>
    (fits.get(one.id) ?? 0) * 4 +
    (prefer(one) ? 2 : 0) +
    (one.status === "ACTIVE" ? 1 : 0) -
    (one.partOf ? 1.5 : 0);
  return found.sort((a, b) => rank(b) - rank(a) || b.openedAt - a.openedAt);
}

/** Of the latest incidents, what was found and diagnosed says more than the title. */
async function wordsThatFit(
  content: readonly string[],
  incidents: readonly IncidentRecord[],
  reading: Reading,
): Promise<Map<string, number>> {
  if (content.length === 0 || incidents.length < 2) return new Map();
  const texts = await Promise.all(
    incidents.map(async (one, index): Promise<[string, number]> => {
      const [run] = index < MOST_READ ? await reading.runsOf(one, 1) : [];
      const { findings = [], diagnosis, plan } = run?.incident ?? {};
      const top = causeIn(diagnosis);
      const kinds = findings.map((each) => each.kind).join(" ");
      // "the 94 percent": the one of which that was thought.
      const sure = top !== undefined && content.includes(String(Math.trunc(top.scoreBp / 100))) ? 1 : 0;
      return [
        one.id,
        sure +
          overlap(
            content,
            `${one.title} ${kinds} ${top?.title ?? ""} ${top?.playbook ?? ""} ${top?.cause ?? ""} ${plan?.title ?? ""}`,
          ),
      ];
    }),
  );
  return new Map(texts);
}

/** How many of the words stand in the text, whatever their endings. */
export function overlap(words: readonly string[], text: string): number {
  const there = new Set(
    text
      .toLowerCase()
      .split(/[^\p{L}\p{N}]+/u)
      .map(stem),
  );
  const wanted = words.filter((one) => one.length > 2).flatMap((one) => one.split(/[-_.:]/));
  return [...new Set(wanted.map(stem))].filter((one) => there.has(one)).length;
}

/** Without the commonest English endings: "restarting", "restarts" and "restarted" are the same word. */
export function stem(word: string): string {
  const short = word.replace(/(ing|ed|es|s)$/, "");
  return short.length >= 4 || /^\d+$/.test(short) ? short : word;
}
