// Evidence from the real world: every observation by name, each with a time limit, each made once a run.
import type { Observation } from "../../domain/diagnosis.ts";
import { messageOf } from "../../domain/errors.ts";
import { canonicalJson, type JsonObject } from "../../domain/json.ts";
import { only } from "../../domain/signal.ts";
import type { Replaceable, ServiceState } from "../../tools/target.ts";
import { addresses } from "./addresses.ts";
import { allowances } from "./allowances.ts";
import { callees } from "./callees.ts";
import { cleanUp } from "./clean-up.ts";
import { clocks } from "./clocks.ts";
import { environment } from "./environment.ts";
import { hostState } from "./host-state.ts";
import { names } from "./names.ts";
import { ports } from "./ports.ts";
import { starts } from "./starts.ts";
import { volumes } from "./volumes.ts";
import type { Evidence, Scene } from "../evidence.ts";
import { answers } from "./answers.ts";
import { changes } from "./changes.ts";
import { databases } from "./databases.ts";
import { dependencies } from "./dependencies.ts";
import { deadlockObservers } from "./deadlock-statements.ts";
import { logs } from "./logs.ts";
import {
  type EvidenceParts,
  type Look,
  type Observer,
  plainLine,
  type ReadableTarget,
  type Seen,
  signalsOf,
} from "./observer.ts";
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
    ...deadlockObservers,
    ...changes,
    ...settings,
    ...symptoms,
    ...suspects,
    ...databases,
    ...ports,
    ...allowances,
    ...volumes,
    ...names,
    ...clocks,
    ...starts,
    ...environment,
    ...addresses,
    ...hostState,
    ...callees,
    ...cleanUp,
  }),
);

const LIMIT_MS = 5_000;
/** What asks others than the service and its runtime holds a repair up for less. */
const SHORTER_MS: Readonly<Record<string, number>> = {
  "names-resolve": 2_000,
  "certificate-days": 2_000,
  "certificate-refused": 2_000,
  "setting-addresses": 2_000,
  "port-holder": 2_000,
};

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
  const limitMs = Math.min(request.limitMs, SHORTER_MS[request.name] ?? Number.POSITIVE_INFINITY);
  const limit = AbortSignal.timeout(limitMs);
  const signal = request.signal ? AbortSignal.any([request.signal, limit]) : limit;
  const { scene, params } = request;
  const target = readable(parts.targets.of(scene.service.name));
  const shared = <T>(what: string, ask: () => Promise<T>): Promise<T> =>
    once(memory, scene, `${what} ${scene.service.name}`, ask);
  const look: Look = {
    scene,
    params,
    parts,
    signal,
    target,
    state: () => shared("state", () => stateOf({ scene, parts, target, signal })),
    use: () => shared("use", async () => target?.use(signal)),
    described: () => shared("description", async () => target?.describe(signal)),
    pids: () => shared("processes", async () => target?.pids?.(signal)),
  };
  try {
    return await withinTime(observed(observer, look), signal);
  } catch (error) {
    if (limit.aborted) return { unseen: `not answered within ${limitMs} ms` };
    return { unseen: messageOf(error) };
  }
}

/** An observer that throws at once is no other than one that throws later. */
async function observed(observer: Observer, look: Look): Promise<Seen> {
  return observer(look);
}

/** What can act on a service is left behind here, so that no observation can. */
function readable(
  target: (ReadableTarget & { replaceable?: Pick<Replaceable, "hasVersion"> }) | undefined,
): ReadableTarget | undefined {
  const { replaceable, commands } = target ?? {};
  return (
    target && {
      service: target.service,
      kind: target.kind,
      state: (signal) => target.state(signal),
      use: (signal) => target.use(signal),
      describe: (signal) => target.describe(signal),
      ...(replaceable && { hasVersion: (version, signal) => replaceable.hasVersion(version, signal) }),
      ...(commands && {
        commands: {
          present: (signal) => commands.present(signal),
          has: (id, signal) => commands.has(id, signal),
        },
      }),
      ...(target.pids && { pids: (signal) => target.pids?.(signal) ?? Promise.resolve(undefined) }),
    }
  );
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
