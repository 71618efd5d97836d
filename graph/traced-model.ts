// A model whose calls are part of the run: each becomes a note under the node that asked, its words go to the live stream
// while they come, and LangGraph's own tracers and stream see it as a model call. Agents only see a Model.
import type { getConfig } from "@langchain/langgraph";
import type { CallbackManagerForLLMRun } from "@langchain/core/callbacks/manager";
import type { RunnableConfig } from "@langchain/core/runnables";
import type { Asking, Model, ModelCall } from "../tools/model.ts";
import type { Trace } from "./trace.ts";

/** The stream of a long answer is told in pieces of this many characters, not token by token. */
const PIECE = 200;

export function tracedModel(model: Model, trace: Trace): Model {
  if (model.provider === "none") return model;
  return {
    ...model,
    async ask(schema, question, signal, asking = {}) {
      const at = trace.here();
      if (!at) return model.ask(schema, question, signal, asking);
      const ears = listening(trace, asking, await configHere());
      return model.ask(schema, question, signal, { ...asking, run: at.runId, ...ears });
    },
  };
}

type Config = ReturnType<typeof getConfig>;

function listening(trace: Trace, asking: Asking, config: Config | undefined): Asking {
  let runs: CallbackManagerForLLMRun[] = [];
  let piece = "";
  let step = "";
  const tell = (): void => {
    if (piece !== "") trace.progress({ step, text: piece });
    piece = "";
  };
  return {
    async onStart(call) {
      runs = await started(config, call);
      await asking.onStart?.(call);
    },
    onText(text, of) {
      step = of;
      piece += text;
      config?.writer?.({ model: { step, text } });
      for (const run of runs) void run.handleLLMNewToken(text).catch(() => undefined);
      if (piece.length >= PIECE) tell();
      asking.onText?.(text, of);
    },
    async onCall(call) {
      tell();
      await trace.note({ modelCall: { ...call } });
      await ended(runs, call);
      await asking.onCall?.(call);
    },
  };
}

/** Of the node that runs just now; a model that is asked outside of the graph has none. */
async function configHere(): Promise<Config | undefined> {
  const langGraph = await import("@langchain/langgraph"); // where a node runs it is loaded (open-graph.ts)
  try {
    return langGraph.getConfig();
  } catch {
    return undefined;
  }
}

/** What a tracer gets is masked already: it may send it elsewhere. */
async function started(
  config: RunnableConfig | undefined,
  { provider, model, step, version, prompt }: Readonly<ModelCall>,
): Promise<CallbackManagerForLLMRun[]> {
  const { getCallbackManagerForConfig } = await import("@langchain/core/runnables");
  const manager = config && (await getCallbackManagerForConfig(config));
  const what = { lc: 1, type: "not_implemented" as const, id: ["opsmedic", provider, model] };
  const extra = { invocation_params: { model, step, version } };
  const runs = await manager?.handleLLMStart(
    what,
    [prompt],
    undefined,
    undefined,
    extra,
    [],
    {},
    `model:${step}`,
  );
  return runs ?? [];
}

async function ended(
  runs: readonly CallbackManagerForLLMRun[],
  { answer, outcome, detail, tokensIn, tokensOut }: ModelCall,
): Promise<void> {
  const tokenUsage = {
    promptTokens: tokensIn,
    completionTokens: tokensOut,
    totalTokens: tokensIn + tokensOut,
  };
  for (const run of runs) {
    if (outcome === "answered")
      await run.handleLLMEnd({ generations: [[{ text: answer }]], llmOutput: { tokenUsage } });
    else await run.handleLLMError(new Error(`${outcome}: ${detail}`));
  }
}
