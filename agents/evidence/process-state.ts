// What the runtime says about the process or container: does it run, how did it end, how often did it start.
import { only } from "../../domain/signal.ts";
import {
  inWords,
  type Look,
  numberParam,
  type Observer,
  seen,
  type Seen,
  signalsOf,
  symptomBegan,
  unseen,
} from "./observer.ts";
import type { ServiceState } from "../../tools/target.ts";

const NOTHING_RUNS = unseen("nothing of ours runs there");

const exitStatus = fromState((state) => {
  const code =
    state.status === "exited" && state.exitCode !== undefined ? ` with code ${state.exitCode}` : "";
  return seen(state.status, `${state.status}${code}`);
});

const exitCode: Observer = async (look) => {
  const state = await look.state();
  const died = only(signalsOf(look), "event").findLast(
    (one) => one.event === "die" && one.exitCode !== undefined,
  );
  const code = (state?.status === "running" ? undefined : state?.exitCode) ?? died?.exitCode;
  return code === undefined ? unseen("no end with a code was seen") : seen(code, `code ${code}`);
};

const oomKilled: Observer = async (look) => {
  const events = only(signalsOf(look), "event").some((one) => one.event === "oom");
  const found = look.scene.findings.some(
    (one) => one.kind === "oom-killed" && one.service === look.scene.service.name,
  );
  const state = await look.state();
  if (events || found || state?.oomKilled) return seen(true, "the kernel killed it for its memory");
  return state ? seen(false, "not killed for its memory") : NOTHING_RUNS;
};

const uptime: Observer = async (look) => {
  const state = await look.state();
  if (!state) return NOTHING_RUNS;
  if (state.status !== "running" || state.startedAt === undefined) return unseen("it does not run");
  const ms = look.scene.now - state.startedAt;
  return seen(ms, `has run for ${inWords(ms)}`);
};

const restartCount = fromState((state) => seen(state.restartCount, `restarted ${state.restartCount} times`));

const recentStarts: Observer = async (look) => {
  const since = look.scene.now - numberParam(look.params, "withinMs", 600_000);
  const signals = signalsOf(look).filter((one) => one.at >= since);
  const events = only(signals, "event").filter((one) => one.event === "start").length;
  const told = look.scene.findings.find((one) => one.kind === "crash-loop")?.facts["starts"];
  const state = await look.state();
  if (!state && events === 0 && told === undefined) return NOTHING_RUNS;
  const instances = new Set(only(signals, "state").map((one) => one.instance)).size - 1;
  const present = (state?.startedAt ?? 0) >= since ? 1 : 0;
  const starts = Math.max(events, instances, present, typeof told === "number" ? told : 0);
  return seen(starts, `${starts} ${starts === 1 ? "start" : "starts"} lately`);
};

const stoppedByOperator = fromState((state) =>
  seen(state.stoppedByOperator, state.stoppedByOperator ? "stopped by its operator" : "nobody stopped it"),
);

const containerHealth = fromState((state) =>
  state.health === "none"
    ? unseen("it has no health check of its own")
    : seen(state.health, `is ${state.health}`),
);

/** How old the instance was when the trouble began (or when it ended, where it has). */
const instanceAge: Observer = async (look) => {
  const state = await look.state();
  if (state?.startedAt === undefined) return unseen("its start was not seen");
  const ended = state.status === "exited" ? state.finishedAt : undefined;
  const ms = Math.max(0, (ended ?? symptomBegan(look.scene)) - state.startedAt);
  return seen(ms, `the instance was ${inWords(ms)} old`);
};

/** One replica more, where the configuration leaves room; null otherwise. */
const replicas: Observer = async (look) => {
  const state = await look.state();
  if (!state) return NOTHING_RUNS;
  const most = look.scene.service.limits.maxReplicas;
  if (state.replicas >= most) return seen(null, `${state.replicas} replicas, the most that is allowed`);
  return seen(
    { value: state.replicas, proposed: state.replicas + 1 },
    `${state.replicas} of at most ${most} replicas`,
  );
};

const reloadSignal: Observer = ({ scene }) => {
  const after = scene.service.files?.afterEdit;
  return typeof after === "object"
    ? seen(after.reload, `reloads on ${after.reload}`)
    : seen(null, "no reload signal is configured");
};

export const processState: Record<string, Observer> = {
  "exit-status": exitStatus,
  "exit-code": exitCode,
  "oom-killed": oomKilled,
  uptime,
  "restart-count": restartCount,
  "recent-starts": recentStarts,
  "stopped-by-operator": stoppedByOperator,
  "container-health": containerHealth,
  "instance-age": instanceAge,
  replicas,
  "reload-signal": reloadSignal,
};

function fromState(read: (state: ServiceState) => Seen): Observer {
  return async (look: Look) => {
    const state = await look.state();
    return state ? read(state) : NOTHING_RUNS;
  };
}
