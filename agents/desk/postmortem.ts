// The postmortem of an incident, by rules from its file: what happened when, what it cost as far as the configuration
// says, why it happened with the arithmetic, what was done, what did not help, what follows. Every claim names records.
import { z } from "zod";
import { addendSchema } from "../../domain/diagnosis.ts";
import type { Impact } from "../../domain/service.ts";
import { percent } from "../report.ts";
import { actionId, type IncidentFile, lastState, stepId, topCause } from "./incident-file.ts";
import type { Recommendations } from "./recommendations.ts";
import { timelineEntrySchema, timelineOf } from "./timeline.ts";

export const claimSchema = z.object({
  text: z.string(),
  /** Ids of records of this incident; never empty. */
  cites: z.array(z.string()).min(1),
  by: z.enum(["rules", "model"]),
});
export type Claim = z.infer<typeof claimSchema>;

export const postmortemSchema = z.object({
  incidentId: z.string(),
  title: z.string(),
  service: z.string(),
  status: z.enum(["ACTIVE", "RESOLVED", "ESCALATED"]),
  severity: z.enum(["CRITICAL", "WARNING", "INFO"]),
  /** Unix ms: of the first symptom, as far as known. */
  startedAt: z.number(),
  finishedAt: z.number().nullable(),
  impact: z.object({
    /** From the first symptom to the end, or until now. */
    durationMs: z.number(),
    services: z.array(z.string()),
    /** At most, if all of it was lost; null: the configuration does not say. */
    revenue: z.object({ atMost: z.number(), currency: z.string() }).nullable(),
    users: z.int().nullable(),
  }),
  summary: z.array(claimSchema),
  rootCause: z
    .object({
      cause: z.string(),
      service: z.string(),
      scoreBp: z.int(),
      /** They sum to scoreBp. */
      addends: z.array(addendSchema),
      cites: z.array(z.string()),
    })
    .nullable(),
  timeline: z.array(timelineEntrySchema),
  done: z.array(claimSchema),
  didNotHelp: z.array(claimSchema),
  lessons: z.array(claimSchema),
  followUps: z.array(z.string()),
});
export type Postmortem = z.infer<typeof postmortemSchema>;

const MINUTE_MS = 60_000;

export function postmortemOf(
  file: IncidentFile,
  {
    recommendations,
    impact,
    now,
  }: { recommendations: Recommendations; impact: (service: string) => Impact | undefined; now: number },
): Postmortem {
  const { incident, parts } = file;
  const startedAt = Math.min(incident.beganAt ?? incident.openedAt, incident.openedAt);
  const durationMs = Math.max(0, (incident.closedAt ?? now) - startedAt);
  const services = [...new Set([incident.service, ...parts.map((one) => one.service)])];
  return {
    incidentId: incident.id,
    title: incident.title,
    service: incident.service,
    status: incident.status,
    severity: incident.severity,
    startedAt,
    finishedAt: incident.closedAt,
    impact: { durationMs, services, ...costOf(services, impact, durationMs) },
    summary: summaryOf(file, durationMs),
    rootCause: rootCauseOf(file),
    timeline: timelineOf(file),
    done: doneOf(file),
    didNotHelp: inVain(file),
    lessons: lessonsOf(file),
    followUps: followUpsOf(recommendations),
  };
}

/** Each service's loss while the incident lasted; amounts of several currencies cannot be added. */
function costOf(
  services: readonly string[],
  impact: (service: string) => Impact | undefined,
  durationMs: number,
): Pick<Postmortem["impact"], "revenue" | "users"> {
  const known = services.flatMap((name) => impact(name) ?? []);
  const losses = known.filter((one) => one.revenuePerMinute !== undefined);
  const currencies = new Set(losses.map((one) => one.currency ?? ""));
  const perMinute = losses.reduce((sum, one) => sum + (one.revenuePerMinute ?? 0), 0);
  const users = known.flatMap((one) => one.users ?? []);
  return {
    revenue:
      losses.length > 0 && currencies.size === 1
        ? {
            atMost: Math.round((perMinute * durationMs * 100) / MINUTE_MS) / 100,
            currency: [...currencies][0] ?? "",
          }
        : null,
    // The same people may use several services: the most of one is what is sure.
    users: users.length > 0 ? Math.max(...users) : null,
  };
}

const byRules = (text: string, ...cites: string[]): Claim => ({ text, cites, by: "rules" });

function summaryOf(file: IncidentFile, durationMs: number): Claim[] {
  const { incident, runs, parts } = file;
  const last = runs.at(-1)?.run;
  const resolved = file.notes.findLast((one) => one.kind === "resolve");
  return [
    byRules(
      `${incident.title} It was seen ${incident.occurrences === 1 ? "once" : `${incident.occurrences} times`}.`,
      incident.id,
    ),
    ...(parts.length > 0
      ? [
          byRules(
            `With it ${parts.map((one) => one.service).join(", ")} suffered.`,
            ...parts.map((one) => one.id),
          ),
        ]
      : []),
    ...(resolved ? [byRules(`${resolved.author} resolved it by hand: ${resolved.text}`, resolved.id)] : []),
    ...(last?.outcome
      ? [
          byRules(
            runs.length === 1
              ? `Its run ended ${last.outcome}.`
              : `The last of ${runs.length} runs ended ${last.outcome}.`,
            last.id,
          ),
        ]
      : []),
    byRules(
      incident.closedAt === null
        ? `It goes on for ${minutes(durationMs)} by now.`
        : `It lasted ${minutes(durationMs)} from its first symptom.`,
      incident.id,
    ),
  ];
}

function rootCauseOf(file: IncidentFile): Postmortem["rootCause"] {
  const top = topCause(file);
  const run = lastState(file)?.runId;
  if (top === undefined || run === undefined) return null;
  const { cause, service, scoreBp, addends } = top;
  return { cause, service, scoreBp, addends, cites: [run] };
}

function doneOf({ journal }: IncidentFile): Claim[] {
  return journal.map((one) =>
    byRules(
      `${one.action} on ${one.service}: ${one.state}${one.detail ? ` (${one.detail})` : ""}.`,
      actionId(one),
    ),
  );
}

function inVain({ cases, journal }: IncidentFile): Claim[] {
  const failed = cases.filter((one) => one.outcome === "not-healed" || one.outcome === "worse");
  const broke = journal.filter((one) => one.state === "failed");
  return [
    ...failed.map((one) =>
      byRules(
        `${one.fix} against ${one.playbook} ${one.outcome === "worse" ? "made it worse" : "did not help"}${one.undone ? ", and was taken back" : ""}.`,
        one.id,
      ),
    ),
    ...broke.map((one) => byRules(`${one.action} could not be carried out: ${one.detail}`, actionId(one))),
  ];
}

function lessonsOf({ runs, notes, cases }: IncidentFile): Claim[] {
  const learned = runs.flatMap(({ run, steps }) =>
    steps.flatMap((step) => {
      const text = z.object({ learned: z.string() }).safeParse(step.data).data?.learned;
      return step.node === "learn" && step.phase === "end" && text
        ? [byRules(text, stepId(run.id, step.seq))]
        : [];
    }),
  );
  const told = notes.filter((one) => one.kind !== "acknowledge" && one.text !== "");
  const [first] = cases;
  return [
    ...learned,
    ...told.map((one) => byRules(`${one.author} wrote: ${one.text}`, one.id)),
    ...(first && first.scoreBp < 8_500
      ? [byRules(`The cause was only ${percent(first.scoreBp)} sure at first.`, first.id)]
      : []),
  ];
}

function followUpsOf({ resolutionSuggestions, preventiveMeasures }: Recommendations): string[] {
  const high = resolutionSuggestions.filter((one) => one.priority === "high").map((one) => one.action);
  return [...new Set([...high, ...preventiveMeasures])];
}

export function minutes(ms: number): string {
  if (ms < 120_000) return `${Math.round(ms / 1_000)} s`;
  return ms < 7_200_000 ? `${Math.round(ms / MINUTE_MS)} min` : `${Math.round(ms / 360_000) / 10} h`;
}
