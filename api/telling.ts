// Who is told of what a run does: the log, and everyone who follows the server live. What a person should act on is told
// once for each incident, again when something of substance has changed, and at growing intervals while it lasts; the run's
// own record has all of it each time.
import type { Logger } from "pino";
import { type Fact, factsOf, partFact, type Question } from "../agents/news.ts";
import type { Clock } from "../domain/clock.ts";
import { messageOf } from "../domain/errors.ts";
import type { Incident } from "../domain/incident.ts";
import type { JsonObject } from "../domain/json.ts";
import type { TraceParts } from "../graph/trace.ts";
import type { ApprovalRecord, Store, Telling } from "../knowledge/records.ts";
import type { LiveEvents } from "./operations.ts";

export interface TellingParts {
  live: LiveEvents;
  logger: Logger;
  clock: Pick<Clock, "now">;
  store: Pick<Store, "tellings" | "incidents" | "notes" | "runs">;
  /** Between the last message and a reminder; doubled after each one up to `longestMs`. */
  reminders: { firstMs: number; longestMs: number };
}

/** Why a person is told now; "told": there is nothing new. */
type Occasion = "first" | "changed" | "reminder" | "told";

interface Message {
  occasion: Occasion;
  subject: Pick<Telling, "subject" | "incidentId" | "service">;
  facts: readonly Fact[];
  /** Since when it is told. */
  firstAt: number;
}

export function makeTelling(parts: TellingParts) {
  const { live, logger, clock, store } = parts;
  const onStep: TraceParts["onStep"] = (runId, service, step) => {
    const { node, agent, phase, ms, at } = step;
    logger.info({ runId, service, node, agent, phase, ms }, "step");
    live.publish({ topic: "run.step", at, data: { runId, service, step: { ...step } } });
  };
  const onProgress: TraceParts["onProgress"] = (at, progress) =>
    live.publish({ topic: "run", at: clock.now(), data: { type: "model.text", ...at, ...progress } });

  function publishIncident(data: JsonObject): void {
    live.publish({ topic: "incident", at: clock.now(), data });
  }

  function approval(one: ApprovalRecord): void {
    live.publish({ topic: "approval", at: clock.now(), data: { type: one.status, ...one } });
  }

  async function messageOn(incident: Incident, question?: Question): Promise<Message> {
    const all = factsOf(incident, question);
    const { runId, service } = incident;
    try {
      const subject = await subjectOf(parts, incident);
      const facts = subject.incidentId === incident.incidentId ? all : [partFact(incident)];
      const before = await store.tellings.of(subject.subject);
      return { ...(await judged(parts, before, facts)), subject };
    } catch (error) {
      // Where it cannot be read what was told, once more is better than not at all.
      logger.debug({ runId, service, error: messageOf(error) }, "what was told");
      const subject = { subject: `service/${service}`, incidentId: incident.incidentId, service };
      return { occasion: "first", facts: all, subject, firstAt: clock.now() };
    }
  }

  /** After it went out: a crash between the two tells it twice rather than never. */
  async function remember({ occasion, subject, facts }: Message): Promise<void> {
    if (occasion === "told") return;
    const keys = facts.map((one) => one.key);
    await store.tellings
      .told({ ...subject, facts: keys, at: clock.now(), reminder: occasion === "reminder" })
      .catch((error: unknown) => logger.debug({ ...subject, error: messageOf(error) }, "what was told"));
  }

  return {
    onStep,
    onProgress,
    approval,

    async asked(one: ApprovalRecord, incident: Incident): Promise<void> {
      const { id, runId, service, summary, link, needs } = one;
      const message = await messageOn(incident, one);
      const isNews = message.occasion !== "told";
      logger[isNews ? "warn" : "info"](
        { approval: id, runId, service, incidentId: incident.incidentId, summary, link, needs },
        message.occasion === "reminder" ? "a fix still waits for approval" : "a fix waits for approval",
      );
      live.publish({
        topic: "approval",
        at: clock.now(),
        data: { type: one.status, ...one, occasion: message.occasion },
      });
      await remember(message);
    },

    async human(incident: Incident): Promise<void> {
      const { runId, service, verdict } = incident;
      const message = await messageOn(incident);
      const { occasion, facts, firstAt } = message;
      const { incidentId } = message.subject;
      const what = facts.flatMap((one) => (one.text === "" ? [] : [one.text]));
      if (occasion === "told") {
        logger.info({ runId, service, incidentId }, "left to a person, who was told before");
        return;
      }
      const since = new Date(firstAt).toISOString();
      const next = nextStep(incident, incidentId);
      logger[occasion === "reminder" ? "warn" : "error"](
        { runId, service, incidentId, what, next, ...(occasion !== "first" && { since }) },
        HEADLINES[occasion],
      );
      const decision = verdict?.decision ?? null;
      publishIncident({
        type: TYPES[occasion],
        runId,
        service,
        incidentId,
        status: "ESCALATED",
        decision,
        what,
        next,
      });
      await remember(message);
    },

    /** Tells the end of what was told and has been resolved since, by whomever. */
    async over(): Promise<void> {
      for (const { incidentId, service, firstAt } of await store.tellings.takeOver(clock.now())) {
        if (incidentId === null) continue;
        const what = await howItEnded(store, incidentId);
        const since = new Date(firstAt).toISOString();
        logger.warn({ service, incidentId, what, since }, "no human is needed any more");
        publishIncident({ type: "resolved", service, incidentId, status: "RESOLVED", what });
      }
    },
  };
}

const HEADLINES = {
  first: "a human is needed",
  changed: "a human is needed: something has changed",
  reminder: "a human is still needed",
} as const;

const TYPES = { first: "escalated", changed: "changed", reminder: "reminder" } as const;

/** One outage is one incident: what is part of another one's is told as news of that one, as long as that lasts. */
async function subjectOf(
  { store }: Pick<TellingParts, "store">,
  { incidentId, service }: Pick<Incident, "incidentId" | "service">,
): Promise<Message["subject"]> {
  if (incidentId === null) return { subject: `service/${service}`, incidentId, service };
  const whole = (await store.incidents.get(incidentId))?.partOf;
  return whole && whole.status !== "RESOLVED"
    ? { subject: whole.id, incidentId: whole.id, service: whole.service }
    : { subject: incidentId, incidentId, service };
}

/** With the facts that are to be told: the new ones, or all where it is told at first or again. */
async function judged(
  { store, clock, reminders }: TellingParts,
  before: Telling | undefined,
  facts: readonly Fact[],
): Promise<Omit<Message, "subject">> {
  const now = clock.now();
  if (before === undefined) return { occasion: "first", facts, firstAt: now };
  const { firstAt, lastAt, incidentId } = before;
  const fresh = facts.filter((one) => !before.facts.includes(one.key));
  if (fresh.some((one) => one.text !== "")) return { occasion: "changed", facts: fresh, firstAt };
  if (now - lastAt < waitMs(before, reminders)) return { occasion: "told", facts: [], firstAt };
  // Without an incident nothing says that it went on meanwhile.
  if (incidentId === null) return { occasion: "first", facts, firstAt: now };
  const notes = await store.notes.of([incidentId]);
  // Who has it in hand needs no reminder.
  const inHand = notes.some((one) => one.kind === "acknowledge");
  return { occasion: inHand ? "told" : "reminder", facts, firstAt };
}

/** How long after the last message it is told again, though nothing has changed. */
function waitMs(
  { reminders }: Pick<Telling, "reminders">,
  { firstMs, longestMs }: TellingParts["reminders"],
): number {
  return Math.min(firstMs * 2 ** reminders, longestMs);
}

/** What to do now, in one line. */
function nextStep({ service, runId }: Incident, incidentId: string | null): string {
  return incidentId === null
    ? `opsmedic runs show ${runId}, then opsmedic diagnose ${service}`
    : `opsmedic incidents show ${incidentId}`;
}

async function howItEnded({ notes, runs }: TellingParts["store"], incidentId: string): Promise<string> {
  const said = (await notes.of([incidentId])).findLast((one) => one.kind === "resolve");
  if (said) return `resolved by ${said.author}: ${said.text}`;
  const last = (await runs.ofIncident(incidentId)).at(-1);
  return last?.outcome === "healed" ? `healed by run ${last.id}` : "the service is well again";
}
