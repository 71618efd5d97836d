// The incident desk over the store of this process.
import { evidenceOf } from "../agents/desk/evidence.ts";
import {
  type IncidentFile,
  lastState,
  readIncidentFile,
  recordIds,
  topCause,
} from "../agents/desk/incident-file.ts";
import { drafted } from "../agents/desk/postmortem-draft.ts";
import { postmortemPage } from "../agents/desk/postmortem-page.ts";
import { postmortemOf } from "../agents/desk/postmortem.ts";
import { recommend, type Recommendations, worded } from "../agents/desk/recommendations.ts";
import { timelineOf } from "../agents/desk/timeline.ts";
import type { ScoreKeeper } from "../agents/score-keeper.ts";
import type { Clock } from "../domain/clock.ts";
import { HealError } from "../domain/errors.ts";
import type { Playbook } from "../domain/playbook.ts";
import type { Service } from "../domain/service.ts";
import { resolvedByHand } from "../agents/lived-case.ts";
import type { KnowledgeBase } from "../knowledge/knowledge-base.ts";
import type { Recall, RecalledCase } from "../knowledge/recall.ts";
import type { CaseRecord, Cases, IncidentNote, Store } from "../knowledge/records.ts";
import { type Model, noModel } from "../tools/model.ts";
import { audited } from "./audited.ts";
import type { IncidentDesk, SimilarAnswer } from "./incident-desk.ts";
import type { Actor, LiveEvents } from "./operations.ts";

export interface DeskParts {
  store: Store;
  playbooks: readonly Playbook[];
  clock: Pick<Clock, "now">;
  live: LiveEvents;
  services: () => readonly Service[];
  model?: Model;
  /** Absent: what a person says of a cause scores no decision. */
  scores?: Pick<ScoreKeeper, "say">;
  /** Absent: cases of the same signature are all that is recalled. */
  recall?: Recall;
  /** Absent: what a person did is kept with the incident only. */
  knowledge?: Pick<KnowledgeBase, "file">;
}

const MOST_PAST = 500;

export function localIncidentDesk(parts: DeskParts): IncidentDesk {
  const { store, clock, services, model = noModel } = parts;

  async function fileOf(id: string): Promise<IncidentFile> {
    const file = await readIncidentFile(store, id);
    if (file !== undefined) return file;
    throw new HealError(`There is no incident ${JSON.stringify(id.slice(0, 200))}.`, {
      code: "not-found",
      hint: "opsmedic incidents ls, or GET /api/incidents, lists them.",
    });
  }

  async function recommended(file: IncidentFile, explain: boolean): Promise<Recommendations> {
    const state = lastState(file);
    const past = await casesOf(store.cases, file.incident.signatures);
    const watches = await store.watches.list(file.incident.service);
    const byRules = recommend({
      title: file.incident.title,
      partOf: file.incident.partOf,
      findings: state?.findings ?? [],
      diagnosis: state?.diagnosis ?? null,
      playbooks: parts.playbooks,
      past,
      watches: watches.filter((one) => file.incident.signatures.includes(one.signature)),
    });
    return explain ? worded(model, byRules) : byRules;
  }

  async function say(
    file: IncidentFile,
    kind: IncidentNote["kind"],
    text: string,
    actor: Actor,
  ): Promise<IncidentNote> {
    const { id } = file.incident;
    const note = await store.notes.add({ incidentId: id, kind, author: actor.name, text });
    parts.live.publish({ topic: "incident", at: clock.now(), data: { type: kind, ...note } });
    return note;
  }

  const act = async <T>(
    id: string,
    action: string,
    { text, cause }: { text: string; cause?: "right" | "wrong" },
    actor: Actor,
    work: (file: IncidentFile) => Promise<T>,
  ): Promise<T> => {
    const file = await fileOf(id);
    return audited(store.audit, actor, `incident.${action}`, id, { text, ...(cause && { cause }) }, () =>
      work(file),
    );
  };

  return {
    async searchIncidents(query) {
      const { nextCursor, ...page } = await store.incidents.search(query);
      return { ...page, limit: query.limit, next_cursor: nextCursor };
    },
    async incident(id, { explain = false } = {}) {
      const file = await fileOf(id);
      return {
        incident: file.incident,
        parts: file.parts,
        runs: file.runs.map(({ run }) => run),
        actions: file.journal,
        diagnosis: lastState(file)?.diagnosis ?? null,
        recommendations: await recommended(file, explain),
        notes: file.notes,
        acknowledged_by: file.notes.findLast((one) => one.kind === "acknowledge")?.author ?? null,
      };
    },
    incidentTimeline: async (id) => timelineOf(await fileOf(id)),
    incidentEvidence: async (id) => evidenceOf(await fileOf(id)),
    async similarIncidents(id, { limit }): Promise<SimilarAnswer> {
      const file = await fileOf(id);
      const { signatures } = file.incident;
      const found = await Promise.all(signatures.map((one) => store.incidents.ofSignature(one, limit + 1)));
      const others = new Map(found.flat().map((one) => [one.id, one]));
      others.delete(id);
      const recall = parts.recall ?? signatureRecall(store.cases, signatures);
      const text = [file.incident.title, ...(lastState(file)?.findings ?? []).map((one) => one.summary)];
      const cases = await recall.similar({ text: text.join("\n"), limit: limit + MOST_OWN });
      return {
        incidents: [...others.values()].toSorted((a, b) => b.openedAt - a.openedAt).slice(0, limit),
        cases: cases.filter((one) => !isOwn(file, one)).slice(0, limit),
      };
    },
    async postmortem(id, { explain = false } = {}) {
      const file = await fileOf(id);
      const byRules = postmortemOf(file, {
        recommendations: await recommended(file, explain),
        impact: (name) => services().find((one) => one.name === name)?.impact,
        now: clock.now(),
      });
      const postmortem = explain ? await drafted(model, byRules, recordIds(file)) : byRules;
      return { postmortem, markdown: postmortemPage(postmortem) };
    },
    acknowledgeIncident: (id, what, actor) =>
      act(id, "acknowledge", what, actor, (file) => say(file, "acknowledge", what.text, actor)),
    async noteIncident(id, what, actor) {
      mustSay(what.text);
      return act(id, "note", what, actor, (file) => say(file, "note", what.text, actor));
    },
    async resolveIncident(id, what, actor) {
      mustSay(what.text);
      return act(id, "resolve", what, actor, async (file) => {
        await say(file, "resolve", what.text, actor);
        const kept = await store.cases.resolve(id, what.text);
        const at = clock.now();
        if (kept === 0) await store.cases.file(resolvedCase(file, what.text, at));
        const targetKind = file.cases[0]?.targetKind ?? "any";
        await parts.knowledge?.file(resolvedByHand(file, what.text, { targetKind, at }));
        await store.incidents.close(id, "RESOLVED", at);
        if (what.cause !== undefined) await parts.scores?.say(id, what.cause);
        return (await store.incidents.get(id)) ?? file.incident;
      });
    },
    async incidentStats(query) {
      const stats = await store.incidents.stats(query);
      return {
        total: stats.total,
        by_type: stats.byType,
        by_severity: stats.bySeverity,
        by_status: stats.byStatus,
        mttd: stats.detectMs,
        mttr: stats.resolveMs,
        closed: stats.closed,
        auto_resolved: stats.autoResolved,
        auto_resolved_share: stats.closed === 0 ? null : stats.autoResolved / stats.closed,
        resolved_by_person: stats.resolvedByPerson,
      };
    },
    async remediationHistory(query) {
      const { nextCursor, ...page } = await store.remediation.history(query);
      return { ...page, limit: query.limit, next_cursor: nextCursor };
    },
    remediationStats: async (query) => ({ actions: await store.remediation.stats(query) }),
  };
}

/** An incident's own cases are no news to it. */
const MOST_OWN = 20;

function isOwn({ runs }: IncidentFile, one: RecalledCase): boolean {
  return runs.some(({ run }) => run.id === one.runId);
}

async function casesOf(
  cases: Pick<Cases, "ofSignature">,
  signatures: readonly string[],
): Promise<CaseRecord[]> {
  const found = await Promise.all(signatures.map((one) => cases.ofSignature(one, MOST_PAST)));
  return [...new Map(found.flat().map((one) => [one.id, one])).values()].toSorted((a, b) => b.at - a.at);
}

/** Recall without a search: what has the same signature is the same symptom, nothing else is similar. */
export function signatureRecall(cases: Pick<Cases, "ofSignature">, signatures: readonly string[]): Recall {
  return {
    async similar({ limit }) {
      const found = await casesOf(cases, signatures);
      return found.slice(0, limit).map((one) => ({
        id: one.id,
        title: one.symptom,
        symptoms: [one.symptom],
        playbook: one.playbook,
        cause: one.playbook,
        fix: one.fix,
        outcome: one.outcome,
        runId: one.runId,
        service: one.service,
        at: one.at,
        similarity: 1,
      }));
    },
  };
}

/** Nothing of ours was carried out; what the person did is remembered, and moves no score. */
function resolvedCase(file: IncidentFile, resolution: string, at: number): CaseRecord {
  const { incident } = file;
  const state = lastState(file);
  const top = topCause(file);
  return {
    id: `case_${incident.id}`,
    runId: state?.runId ?? "",
    incidentId: incident.id,
    service: incident.service,
    targetKind: "none",
    signature: state?.findings[0]?.signature ?? incident.signatures[0] ?? "",
    symptom: incident.title,
    playbook: top?.playbook ?? "",
    fix: "by-hand",
    fixClass: "human",
    planHash: "",
    undone: false,
    strategy: incident.strategy ?? "AI_POWERED",
    outcome: "escalated",
    scoreBp: top?.scoreBp ?? 0,
    healMs: null,
    at,
    resolution,
  };
}

function mustSay(text: string): void {
  if (text.trim() !== "") return;
  throw new HealError("Some words are needed.", {
    code: "reason-missing",
    hint: "Say what was done or seen; it is kept with the incident.",
  });
}
