// The check that every claim goes through: what it cites was read for this answer, and is still in the store. A claim
// that fails is removed; see docs/decisions/2026-11-30-chat-citations.md.
import type { Notebook, NotedRecord } from "./notebook.ts";
import type { Citation, Claim } from "./reply.ts";
import type { ChatSources } from "./sources.ts";

/** The claims whose every citation holds; one that does not takes its claim with it. */
export async function checkedClaims(
  claims: readonly Claim[],
  notebook: Notebook,
  sources: ChatSources,
): Promise<Claim[]> {
  const known = new Map<string, Promise<boolean>>();
  const holds = (citation: Citation): Promise<boolean> => {
    const key = `${citation.kind} ${citation.id}`;
    const record = notebook.get(citation);
    const answer =
      known.get(key) ?? (record ? exists(record, sources).catch(() => false) : Promise.resolve(false));
    known.set(key, answer);
    return answer;
  };
  const checked = await Promise.all(
    claims.map(
      async ({ citations }) =>
        citations.length > 0 && (await Promise.all(citations.map(holds))).every(Boolean),
    ),
  );
  return claims.filter((_one, index) => checked[index]);
}

/** Asked of the store again, by kind. */
async function exists({ kind, id, at, service }: NotedRecord, sources: ChatSources): Promise<boolean> {
  switch (kind) {
    case "incident":
      return (await sources.incidents.get(id)) !== undefined;
    case "run":
      return (await sources.runs.get(id)) !== undefined;
    case "step": {
      const [run, seq] = [id.slice(0, id.lastIndexOf("#")), Number(id.slice(id.lastIndexOf("#") + 1))];
      return (await sources.runs.steps(run)).some((one) => one.seq === seq);
    }
    case "log": {
      const number = Number(id.slice("log_".length));
      return (await sources.lines.list({ limit: 1, before: { at, id: number + 1 } })).some(
        (one) => one.id === number,
      );
    }
    case "pattern":
      return (
        (await sources.patterns.read(id.slice(0, id.lastIndexOf(":")), id.slice(id.lastIndexOf(":") + 1))) !==
        undefined
      );
    case "case":
      return (
        await sources.cases.recent({ since: at, limit: 1_000, ...(service !== null && { service }) })
      ).some((one) => one.id === id);
    case "approval":
      return (await sources.approvals.get(id)) !== undefined;
    case "backup":
      return (await sources.backups.list()).some((one) => one.id === id);
    case "audit": {
      const seq = Number(id.slice("audit_".length));
      return (await sources.audit.list({ limit: 1, before: seq + 1 })).some((one) => one.seq === seq);
    }
    case "watch":
      return (await sources.watches.list()).some((one) => one.id === id);
    case "service":
      return (await sources.services()).some((one) => `service:${one.service}` === id);
    case "metric":
      return (await seriesThere(id, at, sources)) > 0;
    case "knowledge":
      return sources.isKept(id);
    case "playbook":
      return sources.playbooks.some((one) => `playbook:${one.id}` === id);
  }
}

async function seriesThere(id: string, at: number, sources: ChatSources): Promise<number> {
  const [, service = "", name = ""] = /^metric:([^/]+)\/([^/]+)\//.exec(id) ?? [];
  const hour = 3_600_000;
  const found = await sources.metrics.read({
    from: at - hour,
    to: at + hour,
    stepMs: hour,
    service,
    names: [name],
  });
  return found.filter((one) => `metric:${one.service}/${one.name}/${one.measuredOn}` === id).length;
}
