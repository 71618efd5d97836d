// Decisions and earned autonomy, out of the store of this process.
import { createHash } from "node:crypto";
import { isEarned, standingOf } from "../agents/autonomy.ts";
import { NOTHING_TO_EARN, scored } from "../agents/score-keeper.ts";
import type { Pair } from "../domain/autonomy.ts";
import type { Clock } from "../domain/clock.ts";
import { HealError } from "../domain/errors.ts";
import type { DecisionCounts, DecisionRecord, RevocationRecord, Store } from "../knowledge/records.ts";
import { audited } from "./audited.ts";
import type { Autonomy, DecisionAnswer, PairAnswer } from "./autonomy.ts";
import type { PolicyHolder } from "./policy-holder.ts";

export interface AutonomyParts {
  store: Pick<Store, "decisions" | "audit">;
  policy: Pick<PolicyHolder, "get">;
  clock: Pick<Clock, "now">;
}

/** The newest; a pair's standing rests on what came after its last loss. */
const MOST_DECISIONS = 20_000;
const MOST_SHOWN = 100;

interface Told {
  answer: PairAnswer;
  decisions: DecisionRecord[];
  revocations: RevocationRecord[];
}

export function localAutonomy({ store, policy, clock }: AutonomyParts): Autonomy {
  const earning = () => policy.get().autonomy ?? NOTHING_TO_EARN;

  async function all(): Promise<Told[]> {
    const [decisions, revocations] = await Promise.all([
      store.decisions.list({ limit: MOST_DECISIONS }),
      store.decisions.revocations(),
    ]);
    return [...Map.groupBy(decisions, pairId)].map(([id, own]) =>
      toldOf(
        id,
        own,
        revocations.filter((one) => pairId(one) === id),
      ),
    );
  }

  function toldOf(id: string, decisions: DecisionRecord[], revocations: RevocationRecord[]): Told {
    const [first] = decisions;
    if (first === undefined) throw noSuchPair(id);
    const standing = standingOf(first, decisions.flatMap(scored), revocations, earning());
    const alone = earning().grant === "given" || isEarned(standing, earning());
    return { answer: { id, ...standing, alone, decisions: countsOf(decisions) }, decisions, revocations };
  }

  async function one(id: string): Promise<Told> {
    const found = (await all()).find(({ answer }) => answer.id === id);
    if (found) return found;
    throw noSuchPair(id);
  }

  return {
    async autonomy({ service }) {
      const pairs = (await all())
        .map(({ answer }) => answer)
        .filter((pair) => service === undefined || pair.service === service)
        .toSorted((a, b) => b.decisions.total - a.decisions.total);
      return { ...earning(), would_have_fixed: await store.decisions.wouldHave({}), pairs };
    },
    async autonomyOf(id) {
      const { answer, decisions, revocations } = await one(id);
      return {
        ...answer,
        history: decisions.slice(0, MOST_SHOWN).map(shown),
        revocations: revocations
          .toReversed()
          .slice(0, MOST_SHOWN)
          .map(({ at, by, reason }) => ({ at, by, reason })),
      };
    },
    async revokeAutonomy(id, { reason }, actor) {
      if (reason.trim() === "") throw reasonMissing();
      const { service, playbook, fix } = (await one(id)).answer;
      const pair = { service, playbook, fix };
      await audited(store.audit, actor, "autonomy.revoke", id, { ...pair, reason }, () =>
        store.decisions.revoke({ ...pair, at: clock.now(), by: actor.name, reason }),
      );
      return (await one(id)).answer;
    },
  };
}

/** Names of services may hold anything, so that a pair is named by a digest. */
export function pairId({ service, playbook, fix }: Pair): string {
  const digest = createHash("sha256")
    .update(JSON.stringify([service, playbook, fix]))
    .digest("hex");
  return `aut_${digest.slice(0, 10)}`;
}

function countsOf(decisions: readonly DecisionRecord[]): DecisionCounts {
  const count = (outcome: DecisionRecord["outcome"]) =>
    decisions.filter((one) => one.outcome === outcome).length;
  return {
    total: decisions.length,
    right: count("right"),
    wrong: count("wrong"),
    unclear: count("unclear"),
    open: count(null),
  };
}

function shown(one: DecisionRecord): DecisionAnswer {
  const { baseline: _what, planHashes: _plans, service: _where, playbook: _cause, fix: _fix, ...rest } = one;
  return rest;
}

function noSuchPair(id: string): HealError {
  return new HealError(`There is no pair of cause and fix ${JSON.stringify(id.slice(0, 200))}.`, {
    code: "not-found",
    hint: "opsmedic autonomy ls, or GET /api/autonomy, lists them.",
  });
}

function reasonMissing(): HealError {
  return new HealError("To take autonomy away needs a reason.", {
    code: "reason-missing",
    hint: "Say in a few words why; it stays in the audit log.",
  });
}
