// The whole machine on one screen: seven agents as nodes, the gate and the routes as pure functions between.
import {
  type BaseCheckpointSaver,
  Command,
  END,
  type NodeError,
  START,
  StateGraph,
  interrupt,
} from "@langchain/langgraph";
import { HealError, isLeaseLost } from "../domain/errors.ts";
import { type Approval, approvalSchema, type Incident } from "../domain/incident.ts";
import {
  afterApply,
  afterConfirm,
  afterDetect,
  afterFailure,
  afterGate,
  afterHuman,
  afterLearn,
  afterPlan,
  afterValidate,
} from "./routes.ts";
import { IncidentState } from "./state.ts";
import type { Trace } from "./trace.ts";

type Update = Partial<Incident>;
export type Node = (incident: Incident, signal: AbortSignal) => Promise<Update>;

/** Who owns a node: shown in the trace. No node may have the name of a state field: hence decide (a plan), close (with a report). */
export const owners = {
  observe: "health-monitor",
  detect: "error-detector",
  open: "coordinator",
  diagnose: "root-cause-analyst",
  decide: "fix-engineer",
  gate: "gate",
  askHuman: "coordinator",
  awaitHuman: "coordinator",
  confirm: "root-cause-analyst",
  backUp: "backup-manager",
  apply: "fix-engineer",
  validate: "health-monitor",
  rollBack: "backup-manager",
  learn: "learning-agent",
  escalate: "coordinator",
  close: "coordinator",
} as const;

export type NodeName = keyof typeof owners;
export type Nodes = Record<Exclude<NodeName, "awaitHuman">, Node>;

/** Time limits, ms. Validation watches for as long as the policy says, so it bounds itself. */
const DEFAULT_LIMIT_MS = 30_000;
const APPLY_LIMIT_MS = 40 * 60_000;
const VALIDATE_LIMIT_MS = 60 * 60_000;

/** Nodes that only look may be tried again; a node that acts is not: its failure goes to rollBack. */
const LOOK_AGAIN = { maxAttempts: 3, initialInterval: 200, retryOn: isRetryable, logWarning: false };
const ONCE = { maxAttempts: 1, logWarning: false };

export interface BuildParts {
  nodes: Nodes;
  trace: Trace;
  checkpointer: BaseCheckpointSaver;
  /** Around each node's work; throws when another process has taken the run over: no node begins then. */
  step: <T>(runId: string, work: () => Promise<T>) => Promise<T>;
  /** How long a run may wait for its language model: a node that asks it gets that much longer. */
  modelMs?: number;
}

export function buildGraph({ nodes, trace, checkpointer, step, modelMs = 0 }: BuildParts) {
  const limit = DEFAULT_LIMIT_MS + modelMs;
  const run =
    (name: Exclude<NodeName, "awaitHuman">) =>
    (state: Incident, runtime: { signal?: AbortSignal | undefined }): Promise<Update> =>
      step(state.runId, () =>
        trace.around(state, name, owners[name], () =>
          nodes[name](state, runtime.signal ?? new AbortController().signal),
        ),
      );
  const acting = {
    retryPolicy: ONCE,
    timeout: APPLY_LIMIT_MS,
    errorHandler: afterBreakdown,
    ends: ["rollBack", "escalate"] as const,
  };
  const looking = { retryPolicy: LOOK_AGAIN, timeout: limit, errorHandler: afterBreakdown };

  return new StateGraph(IncidentState)
    .addNode("observe", run("observe"), looking)
    .addNode("detect", run("detect"), looking)
    .addNode("open", run("open"), looking)
    .addNode("diagnose", run("diagnose"), looking)
    .addNode("decide", run("decide"), looking)
    .addNode("gate", run("gate"), looking)
    .addNode("askHuman", run("askHuman"), looking)
    .addNode("awaitHuman", awaitHuman)
    .addNode("confirm", run("confirm"), looking)
    .addNode("backUp", run("backUp"), { ...acting, ends: [...acting.ends] })
    .addNode("apply", run("apply"), { ...acting, ends: [...acting.ends] })
    .addNode("validate", run("validate"), { ...acting, ends: [...acting.ends], timeout: VALIDATE_LIMIT_MS })
    .addNode("rollBack", run("rollBack"), { ...acting, ends: [...acting.ends] })
    .addNode("learn", run("learn"), looking)
    .addNode("escalate", run("escalate"), looking)
    .addNode("close", run("close"), { retryPolicy: LOOK_AGAIN, timeout: limit })
    .addEdge(START, "observe")
    .addEdge("observe", "detect")
    .addConditionalEdges("detect", afterDetect, { open: "open", report: "close", escalate: "escalate" })
    .addEdge("open", "diagnose")
    .addEdge("diagnose", "decide")
    .addConditionalEdges("decide", afterPlan, { gate: "gate", report: "close", escalate: "escalate" })
    .addConditionalEdges("gate", afterGate, {
      backUp: "confirm",
      askHuman: "askHuman",
      escalate: "escalate",
      report: "close",
    })
    .addEdge("askHuman", "awaitHuman")
    .addConditionalEdges("awaitHuman", afterHuman, { observe: "observe", escalate: "escalate" })
    .addConditionalEdges("confirm", afterConfirm, {
      backUp: "backUp",
      observe: "observe",
      escalate: "escalate",
    })
    .addEdge("backUp", "apply")
    .addConditionalEdges("apply", afterApply, { validate: "validate", rollBack: "rollBack" })
    .addConditionalEdges("validate", afterValidate, { learn: "learn", rollBack: "rollBack" })
    .addEdge("rollBack", "learn")
    .addConditionalEdges("learn", afterLearn, { report: "close", observe: "observe", escalate: "escalate" })
    .addEdge("escalate", "close")
    .addEdge("close", END)
    .compile({ checkpointer, name: "opsmedic" });
}
export type HealGraph = ReturnType<typeof buildGraph>;

/** Pauses until a decision is brought. Runs again from its top then, so nothing may happen before the interrupt. */
function awaitHuman({ plan }: Pick<Incident, "plan">): { approval: Approval } {
  return { approval: approvalSchema.parse(interrupt({ waitsFor: "approval", planHash: plan?.hash ?? "" })) };
}

function isRetryable(error: unknown): boolean {
  return error instanceof HealError && error.retryable;
}

/** A node that failed for good: remember which, take back what may have been done, then tell a human. A run that
 * another process has taken over is left to that one. */
function afterBreakdown(_state: unknown, { node, error }: NodeError): Command {
  if (isLeaseLost(error)) throw error;
  return new Command({ update: { failure: { node, message: error.message } }, goto: afterFailure(node) });
}
