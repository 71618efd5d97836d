// Operations over HTTP: the same endpoint descriptions that the server answers with, used from the other side.
import { setTimeout as sleep } from "node:timers/promises";
import type { RunRecord } from "../knowledge/records.ts";
import { askStream } from "./http/ask-stream.ts";
import { makeCall } from "./http/call.ts";
import { httpIncidentDesk } from "./http-incident-desk.ts";
import { httpLearned } from "./http-learned.ts";
import { isoSpan } from "./iso-span.ts";
import type { Operations } from "./operations.ts";
import { approvals } from "./routes/approvals.ts";
import { autonomy } from "./routes/autonomy.ts";
import { chat } from "./routes/chat.ts";
import { configuring } from "./routes/configuring.ts";
import { control } from "./routes/control.ts";
import { desk } from "./routes/incident-desk.ts";
import { databases } from "./routes/databases.ts";
import { dependencies } from "./routes/dependencies.ts";
import { incidents } from "./routes/incidents.ts";
import { knowledge } from "./routes/knowledge.ts";
import { monitoring } from "./routes/monitoring.ts";
import { observed } from "./routes/observed.ts";
import { running } from "./routes/running.ts";
import { playbooks } from "./routes/playbooks.ts";
import { runs } from "./routes/runs.ts";
import { system } from "./routes/system.ts";

/** A check that waits gives up waiting after this; the runs go on. */
const WAIT_MS = 15 * 60_000;
const LOOK_EVERY_MS = 500;
/** A model may take its time. */
const ANSWER_MS = 180_000;

/**
 * HealError "server-unreachable", "auth-missing" (no token), "auth-refused" (an unknown token, or one whose role is
 * too low), and whatever code the server's own HealError had. The actor is the token's: the server decides who asks.
 */
export function makeHttpOperations(server: { url: string; token: string; timeoutMs?: number }): Operations {
  const call = makeCall(server);
  const show = (id: string) => call(runs.show, { params: { id } });

  /** Asked again and again rather than held open: a proxy or a restart in between does no harm. */
  async function ended(ids: readonly string[]): Promise<RunRecord[]> {
    const until = performance.now() + WAIT_MS;
    for (;;) {
      const found = await Promise.all(ids.map(async (id) => (await show(id)).run));
      if (found.every((one) => one.status !== "running") || performance.now() > until) return found;
      await sleep(LOOK_EVERY_MS);
    }
  }

  return {
    info: () => call(system.info),
    health: async () => (await call(monitoring.health)).data,
    status: async () => (await call(monitoring.status)).data,
    stats: async () => (await call(monitoring.stats)).data,
    async triggerCheck({ wait = false, ...request }) {
      const { data } = await call(monitoring.triggerCheck, { body: request });
      return wait ? { ...data, runs: await ended(data.run_ids) } : data;
    },

    runs: (options) => call(runs.list, { query: options }),
    run: show,
    exportRun: (id) => call(runs.export, { params: { id } }),
    cancelRun: (id) => call(runs.cancel, { params: { id } }),
    replayGate: async (id) => (await call(runs.replay, { params: { id } })).replays,

    importRun: (document) => call(runs.import, { body: { document } }),
    importedRuns: async (query) => (await call(runs.imported, { query })).runs,
    replayRun: async (id, request) => (await call(runs.judgeAgain, { params: { id }, body: request })).rounds,

    backups: async () => (await call(monitoring.backups)).data,
    backupDiff: async (id) => (await call(monitoring.backupDiff, { params: { backup_id: id } })).data.files,
    verifyBackup: async (id) => (await call(monitoring.verifyBackup, { params: { backup_id: id } })).data,
    restoreBackup: async (id, options) =>
      (await call(monitoring.rollback, { params: { backup_id: id }, body: options, timeoutMs: WAIT_MS }))
        .data,

    approvals: async (options) => (await call(approvals.list, { query: options })).approvals,
    approval: (id) => call(approvals.show, { params: { id } }),
    decideApproval: (id, decision) => call(approvals.decide, { params: { id }, body: decision }),

    mode: () => call(control.mode),
    setMode: (mode) => call(control.setMode, { body: { mode } }),
    pause: (options) => call(control.pause, { body: options }),
    resume: () => call(control.resume),

    reloadConfig: (options) => call(configuring.reload, { body: options }),
    startService: (name) => call(running.start, { params: { name } }),
    stopService: (name) => call(running.stop, { params: { name } }),

    incidents: async (options) => (await call(desk.list, { query: options })).incidents,
    actions: async () => (await call(incidents.actions)).actions,
    ...httpIncidentDesk(call),
    playbooks: async () => (await call(playbooks.list)).playbooks,
    playbook: (id) => call(playbooks.show, { params: { id } }),
    observations: async () => (await call(playbooks.list)).observations,
    ...httpLearned(call),
    autonomy: (query) => call(autonomy.list, { query }),
    autonomyOf: (id) => call(autonomy.show, { params: { id } }),
    revokeAutonomy: (id, why) => call(autonomy.revoke, { params: { id }, body: why }),
    dependencies: async (query) => (await call(dependencies.list, { query })).dependencies,
    logs: ({ from, to, ...rest }) => call(observed.logs, { query: { ...rest, ...isoSpan({ from, to }) } }),
    logSources: async () => (await call(observed.logSources)).sources,
    patterns: (query) => call(observed.patterns, { query }),
    pattern: (id) => call(observed.pattern, { params: { id } }),
    rules: () => call(observed.rules),
    addRule: (rule) => call(observed.addRule, { body: rule }),
    removeRule: (name) => call(observed.removeRule, { params: { name } }),
    clusters: async () => (await call(observed.clusters)).clusters,
    anomalies: async () => (await call(observed.anomalies)).anomalies,
    predictions: async (query) => (await call(observed.predictions, { query })).predictions,
    outages: async (query) => (await call(observed.predictions, { query })).outages,
    metricsHistory: async ({ from, to, stepMs, names, ...rest }) => {
      const query = {
        ...rest,
        ...isoSpan({ from, to }),
        ...(stepMs !== undefined && { step: `${Math.ceil(stepMs / 1_000)}s` }),
        ...(names && { names: names.join(",") }),
      };
      return (await call(observed.metricsHistory, { query })).series;
    },

    ask: (request, _actor, onEvent) =>
      onEvent ? askStream(server, request, onEvent) : call(chat.ask, { body: request, timeoutMs: ANSWER_MS }),
    databaseHealth: async (query) => (await call(databases.health, { query })).databases,
    databaseConnections: async (query) => (await call(databases.connections, { query })).databases,
    performance: async (query) => (await call(databases.performance, { query })).databases,
    knowledge: (query) => call(knowledge.list, { query }),
    knowledgeEntry: (id) => call(knowledge.show, { params: { id } }),
    addKnowledge: (entry) => call(knowledge.add, { body: entry }),
    changeKnowledge: (id, change) => call(knowledge.change, { params: { id }, body: change }),
    importKnowledge: (request) => call(knowledge.import, { body: request }),
    exportKnowledge: (query) => call(knowledge.export, { query }),

    audit: async ({ limit, before }) =>
      (await call(system.audit, { query: { limit, ...(before === undefined ? {} : { cursor: before }) } }))
        .entries,
    verifyAudit: () => call(system.verifyAudit),
  };
}
