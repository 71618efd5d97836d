// Who is told of what a run does: the log, and everyone who follows the server live.
import type { Logger } from "pino";
import type { Clock } from "../domain/clock.ts";
import type { Incident } from "../domain/incident.ts";
import type { TraceParts } from "../graph/trace.ts";
import type { ApprovalRecord } from "../knowledge/records.ts";
import type { LiveEvents } from "./operations.ts";

export interface TellingParts {
  live: LiveEvents;
  logger: Logger;
  clock: Pick<Clock, "now">;
}

export function makeTelling({ live, logger, clock }: TellingParts) {
  const onStep: TraceParts["onStep"] = (runId, service, step) => {
    const { node, agent, phase, ms, at } = step;
    logger.info({ runId, service, node, agent, phase, ms }, "step");
    live.publish({ topic: "run.step", at, data: { runId, service, step: { ...step } } });
  };
  const onProgress: TraceParts["onProgress"] = (at, progress) =>
    live.publish({ topic: "run", at: clock.now(), data: { type: "model.text", ...at, ...progress } });

  function approval(one: ApprovalRecord): void {
    live.publish({ topic: "approval", at: clock.now(), data: { type: one.status, ...one } });
  }

  return {
    onStep,
    onProgress,
    approval,

    asked(one: ApprovalRecord): void {
      const { id, runId, service, summary, link, needs } = one;
      logger.warn({ approval: id, runId, service, summary, link, needs }, "a fix waits for approval");
      approval(one);
    },

    human({ runId, service, incidentId, findings, verdict }: Incident): Promise<void> {
      const summaries = findings.map((one) => one.summary);
      logger.error({ runId, service, incidentId, findings: summaries }, "a human is needed");
      live.publish({
        topic: "incident",
        at: clock.now(),
        data: { runId, service, incidentId, status: "ESCALATED", decision: verdict?.decision ?? null },
      });
      return Promise.resolve();
    },
  };
}
