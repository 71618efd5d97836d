// A run's record as the spans of one trace: the run, its nodes, the actions in them. Pure: made from what is stored, so a
// run that a crash interrupted has its whole trace, too.
import { causeIn } from "../../domain/diagnosis.ts";
import { z } from "zod";
import type { JournalEntry, StepRecord } from "../../knowledge/records.ts";
import type { RunStory } from "../operations.ts";
import { genAi, operations } from "./gen-ai.ts";

export interface RunSpan {
  name: string;
  /** Unix ms. */
  start: number;
  end: number;
  attributes: Record<string, string | number | boolean>;
  /** What went wrong, where something did. */
  error?: string;
  children: RunSpan[];
}

export type RecordedRun = Pick<RunStory, "run" | "steps" | "journal" | "incident">;

/** `content`: also causes, parameters and reports, which may hold words of the service. Absent: the run goes on. */
export function spansOfRun(story: RecordedRun, { content }: { content: boolean }): RunSpan | undefined {
  const { run, steps, journal, incident } = story;
  if (run.endedAt === null) return undefined;
  const nodes = steps
    .filter((one) => one.phase === "end" || one.phase === "error")
    .map((one) => nodeSpan(one));
  for (const { node, at, data } of steps.filter((one) => one.phase === "note")) {
    const call = modelCallSchema.safeParse(data).data?.modelCall;
    const home = nodes.find((one) => one.attributes["opsmedic.node"] === node && one.end >= at);
    if (call) home?.children.push(chatSpan(call, at));
  }
  const loose = placed(
    journal.map((one) => actionSpan(one, content)),
    nodes,
  );
  const top = causeIn(incident?.diagnosis);
  return {
    name: `${operations.workflow} healing`,
    start: run.startedAt,
    end: Math.max(run.endedAt, ...nodes.map((one) => one.end)),
    attributes: {
      [genAi.operation]: operations.workflow,
      [genAi.conversation]: run.id,
      "opsmedic.service": run.service,
      "opsmedic.run.trigger": run.trigger,
      "opsmedic.run.dry_run": run.dryRun,
      ...(run.outcome !== null && { "opsmedic.run.outcome": run.outcome }),
      ...(run.incidentId !== null && { "opsmedic.incident.id": run.incidentId }),
      ...(run.scoreBp !== null && { "opsmedic.confidence.basis_points": run.scoreBp }),
      ...(incident?.verdict && { "opsmedic.gate.decision": incident.verdict.decision }),
      ...(top && { "opsmedic.playbook": top.playbook }),
      ...(content && run.report !== null && { "opsmedic.report": run.report }),
    },
    ...(run.outcome === "failed" && { error: incident?.failure?.node ?? "failed" }),
    children: [...nodes, ...loose],
  };
}

function nodeSpan({ node, agent, phase, at, ms, seq }: StepRecord): RunSpan {
  const isAgent = agent !== "gate";
  const operation = node === "decide" ? operations.plan : operations.agent;
  return {
    name: isAgent ? (node === "decide" ? operations.plan : `${operations.agent} ${agent}`) : "gate",
    start: at - (ms ?? 0),
    end: at,
    attributes: {
      ...(isAgent && { [genAi.operation]: operation, [genAi.agent]: agent }),
      "opsmedic.node": node,
      "opsmedic.step": seq,
    },
    ...(phase === "error" && { error: node }),
    children: [],
  };
}

const modelCallSchema = z.object({
  modelCall: z.object({
    step: z.string(),
    provider: z.string(),
    model: z.string(),
    outcome: z.string(),
    tokensIn: z.number(),
    tokensOut: z.number(),
    ms: z.number(),
  }),
});
type Call = z.infer<typeof modelCallSchema>["modelCall"];

/** The note was written when the call was over. What was asked and answered stays in opsmedic's own trace. */
function chatSpan({ step, provider, model, outcome, tokensIn, tokensOut, ms }: Call, at: number): RunSpan {
  return {
    name: `${operations.chat} ${model}`,
    start: at - ms,
    end: at,
    attributes: {
      [genAi.operation]: operations.chat,
      [genAi.provider]: provider,
      [genAi.requestModel]: model,
      [genAi.inputTokens]: tokensIn,
      [genAi.outputTokens]: tokensOut,
      "opsmedic.model.step": step,
    },
    ...(outcome !== "answered" && { error: outcome }),
    children: [],
  };
}

function actionSpan(one: JournalEntry, content: boolean): RunSpan {
  return {
    name: `${operations.tool} ${one.action}`,
    start: one.intentAt,
    end: Math.max(one.intentAt, one.updatedAt),
    attributes: {
      [genAi.operation]: operations.tool,
      [genAi.tool]: one.action,
      "opsmedic.service": one.service,
      "opsmedic.journal.state": one.state,
      ...(content && { "opsmedic.action.parameters": JSON.stringify(one.params) }),
    },
    ...(one.state === "failed" && { error: "action_failed" }),
    children: [],
  };
}

/** Each action under the acting node within whose time it began; what fits none is returned. */
function placed(actions: readonly RunSpan[], nodes: readonly RunSpan[]): RunSpan[] {
  const acting = nodes.filter((one) =>
    ["backUp", "apply", "rollBack"].includes(String(one.attributes["opsmedic.node"])),
  );
  return actions.filter((action) => {
    const home = acting.find((one) => one.start <= action.start && action.start <= one.end);
    home?.children.push(action);
    return home === undefined;
  });
}
