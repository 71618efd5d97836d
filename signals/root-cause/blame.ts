// The books of an outage, from latency, success and request metrics alone: how much extra time (or how many failed
// requests) each service has while the complaint lasts, less what its dependencies have. Time and failures add up along
// calls: what the first service complains of must be spent somewhere, and the one that spends it is to blame.
import type { CallGraph } from "./call-graph.ts";
import { accounts, complaintOf } from "./complaint.ts";
import type { Evidence, Symptom } from "./evidence.ts";
import { type Excess, excessOf } from "./excess.ts";
import { meaningOf } from "./metric-words.ts";
import { byKey, keyOf, type Series, valuesOf } from "./series.ts";
import { saturating, sum } from "./statistics.ts";

const MOST_STRENGTH = 6;
/** Log-odds for a service that shows the complaint at all, whoever causes it. */
const AFFECTED = 1;
/** An excess of this many spreads is as likely chance as not. */
const CHANCE = 3;
/** Extra time under a complaint about failures (and the reverse) counts this much: a slow service makes others time out. */
const OTHER_ACCOUNT = 0.4;
/** What is left at the complaining service may as well be spent in something below it that nobody watches. */
const UNSEEN_BELOW = 0.6;
/** A service asked in fewer than this share of the normal intervals is a stranger to its callers. */
const STRANGER = 0.03;
/** Log-odds for a caller that begins to ask a stranger. */
const NEW_CALLEE = 1.5;

type Weights = ReadonlyMap<number, number>;

/** Evidence from metrics alone; empty without a metric that complains. */
export function blameEvidence(
  normal: readonly Series[],
  during: readonly Series[],
  graph: CallGraph,
  symptom: Symptom,
): Evidence[] {
  const calm = byKey(normal);
  const complaint = complaintOf(symptom, calm, during);
  if (complaint === undefined) return [];
  const { weights } = complaint;
  const services = Map.groupBy(during, (one) => one.service);
  const strangers = [...services].flatMap(([service, all]) =>
    isStranger(all, calm, weights) ? [service] : [],
  );
  const known = [...services].filter(
    ([service]) => !strangers.includes(service) || graph.callers(service).length === 0,
  );
  const own = accounts.flatMap((account) => {
    const books = known.flatMap(([service, all]) => {
      const excess = excessOf(account, all, calm, weights);
      return excess ? [[service, excess] as const] : [];
    });
    const factor = account === complaint.account ? 1 : OTHER_ACCOUNT;
    return balance(new Map(books), graph, symptom.service, weights).flatMap(
      ({ service, share, strength, whole }) => [
        piece(service, "own", factor * strength, `${percent(share)} of the extra ${account} are its own`),
        piece(service, "effect", factor * whole, `it has part in the extra ${account}`),
      ],
    );
  });
  return [...own, ...strangers.flatMap((one) => newCallee(one, graph))].filter((one) => one.strength > 0.05);
}

function piece(service: string, reach: Evidence["reach"], strength: number, because: string): Evidence {
  return { service, strength, reach, because };
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

/** Whether a service is asked while the complaint lasts that was hardly ever asked before. */
function isStranger(all: readonly Series[], calm: ReadonlyMap<string, Series>, weights: Weights): boolean {
  const requests = all.find((one) => meaningOf(one.name) === "requests");
  if (requests === undefined) return false;
  const usual = valuesOf(calm.get(keyOf(requests)));
  const busy = usual.filter((one) => one > 0).length;
  const asked = requests.points.some(({ at, value }) => value > 0 && (weights.get(at) ?? 0) > 0);
  return asked && usual.length > 0 && busy / usual.length < STRANGER;
}

/** What a stranger does wrong is the doing of those who began to ask it. */
function newCallee(stranger: string, graph: CallGraph): Evidence[] {
  const callers = graph.callers(stranger);
  return callers.map((service) => ({
    service,
    kind: "configuration",
    strength: NEW_CALLEE / callers.length,
    reach: "own",
    because: `asks ${stranger}, which it hardly ever did`,
  }));
}

/** Each service's own part of what the complaining one has too much of. */
function balance(
  books: ReadonlyMap<string, Excess>,
  graph: CallGraph,
  complaining: string,
  weights: Weights,
) {
  const total = new Map([...books].map(([service, { amount }]) => [service, during(amount, weights)]));
  const most = [...total.values()].reduce((one, other) => Math.max(one, other), 0);
  const asked = total.get(complaining) ?? 0;
  const whole = asked > 0 ? asked : most;
  if (!(whole > 0)) return [];
  return [...books].map(([service, { deviation }]) => {
    const callees = graph.callees(service);
    const below = sum(callees.map((one) => Math.max(0, total.get(one) ?? 0)));
    const mine = Math.max(0, total.get(service) ?? 0);
    const share = Math.min(1, Math.max(0, (mine - below) / whole));
    const odd = saturating(Math.max(0, during(deviation, weights)) ** 2, CHANCE ** 2);
    const seen = service === complaining && callees.length > 0 ? UNSEEN_BELOW : 1;
    return {
      service,
      share,
      strength: seen * MOST_STRENGTH * share * odd,
      whole: AFFECTED * Math.min(1, mine / whole) * odd,
    };
  });
}

function during(values: ReadonlyMap<number, number>, weights: Weights): number {
  return sum([...values].map(([at, value]) => value * (weights.get(at) ?? 0)));
}
