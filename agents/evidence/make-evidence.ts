// Evidence from the real world: every observation by name, each with a time limit, each made once a run.
import type { Observation } from "../../domain/diagnosis.ts";
import { messageOf } from "../../domain/errors.ts";
import { canonicalJson, type JsonObject } from "../../domain/json.ts";
import { only } from "../../domain/signal.ts";
import type { ServiceState } from "../../tools/target.ts";
import type { Evidence, Scene } from "../evidence.ts";
import { answers } from "./answers.ts";
import { changes } from "./changes.ts";
import { databases } from "./databases.ts";
import { dependencies } from "./dependencies.ts";
import { logs } from "./logs.ts";
import { type EvidenceParts, type Look, type Observer, plainLine, type Seen, signalsOf } from "./observer.ts";
import { processState } from "./process-state.ts";
import { resources } from "./resources.ts";
import { settings } from "./settings.ts";
import { suspects } from "./suspects.ts";
import { symptoms } from "./symptoms.ts";
import { trends } from "./trends.ts";

export const observers: ReadonlyMap<string, Observer> = new Map(
  Object.entries({
    ...processState,
    ...resources,
    ...trends,
    ...answers,
    ...dependencies,
    ...logs,
    ...changes,
    ...settings,
    ...symptoms,
    ...suspects,
    ...databases,
  }),
);

const LIMIT_MS = 5_000;

/** What was seen already, by the look that it belongs to: the signals of one run are one array. */
type Memory = WeakMap<readonly unknown[], Map<string, Promise<unknown>>>;

export function makeEvidence(parts: EvidenceParts, limitMs = LIMIT_MS): Evidence {
  const memory: Memory = new WeakMap();
  return {
    names: () => [...observers.keys()],
    observe(name, params, scene, signal) {
      const key = `${name} ${canonicalJson(params)} ${scene.service.name}`;
      return once(memory, scene, key, () => observe(parts, memory, { name, params, scene, signal, limitMs }));
    },
  };
}

interface Request {
  name: string;
  params: JsonObject;
  scene: Scene;
  signal: AbortSignal | undefined;
  limitMs: number;
}

async function observe(parts: EvidenceParts, memory: Memory, request: Request): Promise<Observation> {
  const { name, params } = request;
  const answer = await answerOf(parts, memory, request);
  const at = parts.clock.now();
  if ("unseen" in answer) return { status: "unknown", name, params, at, reason: plainLine(answer.unseen) };
  return { status: "known", name, params, at, value: answer.value, text: plainLine(answer.text, 300) };
}

async function answerOf(parts: EvidenceParts, memory: Memory, request: Request): Promise<Seen> {
  const observer = observers.get(request.name);
  if (!observer) return { unseen: `there is no observation "${request.name}"` };
  const limit = AbortSignal.timeout(request.limitMs);
  const signal = request.signal ? AbortSignal.any([request.signal, limit]) : limit;
  const { scene, params } = request;
  const target = parts.targets.of(scene.service.name);
  const state = () =>
    once(memory, scene, `state ${scene.service.name}`, () => stateOf({ scene, parts, target, signal }));
  try {
    return await withinTime(
      Promise.resolve(observer({ scene, params, parts, signal, target, state })),
      signal,
    );
  } catch (error) {
    if (limit.aborted) return { unseen: `not answered within ${request.limitMs} ms` };
    return { unseen: messageOf(error) };
  }
}

async function stateOf(
  look: Pick<Look, "scene" | "parts" | "target" | "signal">,
): Promise<ServiceState | undefined> {
  return (await look.target?.state(look.signal)) ?? only(signalsOf(look), "state").at(-1);
}

/** Also bounds what does not listen to its signal. */
function withinTime<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason instanceof Error ? signal.reason : new Error("aborted"));
    if (signal.aborted) return stop();
    signal.addEventListener("abort", stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}

function once<T>(memory: Memory, scene: Scene, key: string, make: () => Promise<T>): Promise<T> {
  const known = memory.get(scene.signals) ?? new Map<string, Promise<unknown>>();
  memory.set(scene.signals, known);
  const before = known.get(key) as Promise<T> | undefined;
  if (before) return before;
  const fresh = make();
  known.set(key, fresh);
  return fresh;
}
