// Random plans, random failures, random deaths in between: in the end the world is wholly as the plan wanted it, or
// wholly as it was, and the journal says which. Actions and backups are fakes, the journal is the real one.
import {
  type Arbitrary,
  array,
  assert,
  asyncProperty,
  boolean,
  constant,
  constantFrom,
  integer,
  nat,
  oneof,
  option,
  record,
  tuple,
  uniqueArray,
} from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { makeBackUp, makeRollBack } from "../../agents/backup-manager.ts";
import { makeApply } from "../../agents/fix-engineer.ts";
import { makeWorkbench } from "../../agents/workbench.ts";
import { HealError } from "../../domain/errors.ts";
import type { Rollback } from "../../domain/incident.ts";
import type { FixPlan } from "../../domain/plan.ts";
import type { Policy } from "../../domain/policy.ts";
import type { Service } from "../../domain/service.ts";
import type { Journal } from "../../knowledge/records.ts";
import { openTestStore, type TestStore } from "../knowledge/open-test-store.ts";
import {
  actionsOn,
  applyFailures,
  fine,
  type Life,
  memoryBackups,
  openWorld,
  plannedSteps,
  type Step,
  undoFailures,
} from "./plan-world.ts";

let site: TestStore;
let runs = 0;
beforeAll(async () => {
  site = await openTestStore("pglite");
});
afterAll(() => site.close());

const mostlyNone = <Failure extends string>(failures: readonly Failure[]) =>
  oneof({ weight: 2, arbitrary: constant("none" as const) }, constantFrom(...failures));
const failures = { apply: mostlyNone(applyFailures), undo: mostlyNone(undoFailures) };
const edit = record({ file: nat({ max: 3 }), ...failures });
const restart = record({ file: constant(null), ...failures });
/** One to four steps: edits of different files, and mostly a restart after them. */
const plans: Arbitrary<Step[]> = tuple(
  uniqueArray(edit, { minLength: 1, maxLength: 3, selector: (one) => one.file }),
  option(restart, { freq: 3 }),
).map(([edits, last]) => (last ? [...edits, last] : edits));
/** A moment at which the process dies, before or after what happens there, counted from the death before. */
const death = record({ after: integer({ min: 1, max: 20 }), done: boolean() });
const stories = record({ steps: plans, helps: boolean(), deaths: array(death, { maxLength: 3 }) });
type Story = typeof stories extends Arbitrary<infer One> ? One : never;

it("ends wholly done or wholly undone, and the journal says which", { timeout: 120_000 }, async () => {
  const property = asyncProperty(stories, async (story) => {
    const { rollback, ...end } = await live(story);
    expect(rollback?.outcome ?? "done").toBe(rollback ? "undone" : "done");
    expect(end).toEqual(rollback ? undone(end.starts) : done(story));
    expect(end.starts).toBeLessThanOrEqual(2);
    // Deaths alone spoil no fix.
    expect(rollback !== null && mustHold(story)).toBe(false);
    expect(await site.store.journal.unfinished()).toEqual([]);
  });
  await assert(property, { numRuns: 250 });
});

const mustHold = ({ helps, steps }: Story): boolean => helps && steps.every((one) => one.apply === "none");

function done({ steps }: Story) {
  const before = openWorld().files;
  const files = before.map((value, file) => (steps.some((one) => one.file === file) ? fine(value) : value));
  const restarts = steps.some((one) => one.file === null);
  return { files, read: restarts ? files : before, starts: restarts ? 1 : 0, journal: ["verified"] };
}

/** Started by the fix, and once more by what follows a roll back; or not at all. */
function undone(starts: number) {
  const { files, read } = openWorld();
  return { files, read, starts, journal: ["undone"] };
}

/** Runs the acting nodes as the graph does: a node that was cut off runs again from its first line. */
async function live(story: Story) {
  const world = openWorld();
  const planId = `plan-${(runs += 1)}`;
  const runId = `run-${runs}`;
  const deaths = [...story.deaths];
  let life = mortal(deaths);
  const backups = memoryBackups(() => life);
  const actions = actionsOn(world, story.steps, () => life);
  const plan = {
    id: planId,
    runId,
    service: "shop",
    title: "",
    actions: plannedSteps(story.steps),
  } as unknown as FixPlan;
  const lease = await site.store.leases.acquire("service:shop", "worker", 10 * 60_000);
  if (!lease) throw new Error("the lease is taken");

  /** The answer of a node that was not cut off. */
  async function node<Answer>(work: (nodes: Nodes) => Promise<Answer>): Promise<Answer> {
    for (;;) {
      life = mortal(deaths);
      const workbench = makeWorkbench({
        actions,
        journal: journalOf(life),
        surroundings: () => ({ service: { name: "shop" } as Service, target: undefined, files: undefined }),
      });
      const parts = {
        workbench,
        backups,
        clock: site.clock,
        checkLease: () => Promise.resolve(lease!),
        undoPatienceMs: 0,
      };
      const nodes = {
        backUp: makeBackUp(parts),
        apply: makeApply({ ...parts, policy: notPaused }),
        rollBack: makeRollBack(parts),
      };
      const checkpoint = (answer: Answer): Promise<Answer> => life.moment(() => answer);
      const answer = await work(nodes)
        .then(checkpoint)
        .catch((error: unknown) => {
          if (!life.dead) throw error;
        });
      if (!life.dead) return answer as Answer;
    }
  }

  const { backupId } = await node(({ backUp }) => backUp({ runId, plan, diagnosis: null }));
  const { application } = await node(({ apply }) => apply({ runId, plan, backupId }));
  const good = application?.outcome === "applied" && story.helps;
  const rollback: Rollback | null = good ? null : await node(({ rollBack }) => rollBack(runId, planId));
  const journal = (await site.store.journal.ofRun(runId)).map((one) => one.state);
  return {
    rollback,
    files: world.files,
    read: world.read,
    starts: world.instance - openWorld().instance,
    journal: [...new Set(journal)],
  };
}

const notPaused = (): Policy => ({ paused: false }) as Policy;

interface Nodes {
  backUp: ReturnType<typeof makeBackUp>;
  apply: ReturnType<typeof makeApply>;
  rollBack: ReturnType<typeof makeRollBack>;
}

function mortal(deaths: Story["deaths"]): Life {
  let moments = 0;
  const life: Life = {
    dead: false,
    async moment(work) {
      if (life.dead) die();
      moments += 1;
      const [next] = deaths;
      if (!next || moments < next.after) return work();
      deaths.shift();
      if (next.done)
        await Promise.resolve()
          .then(work)
          .catch(() => undefined);
      return die();
    },
  };
  const die = (): never => {
    life.dead = true;
    throw new HealError("The process is dead.", { code: "dead" });
  };
  return life;
}

/** The real one, written to by a process that may die. */
function journalOf(life: Life): Journal {
  const { journal } = site.store;
  return {
    ...journal,
    intend: (entry) => life.moment(() => journal.intend(entry)),
    advance: (key, from, to, more) => life.moment(() => journal.advance(key, from, to, more)),
  };
}
