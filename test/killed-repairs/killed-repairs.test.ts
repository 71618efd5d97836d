// opsmedic is killed with SIGKILL in the middle of each repair of a database, and the next one takes up what it left:
// nothing stays half done, no index invalid, no lock held, nothing is done twice, and the undo gives the old back.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "../../domain/system-clock.ts";
import { actionNames, makeActions } from "../../tools/actions/catalogue.ts";
import { makeGitFileHistory } from "../../tools/git-file-history.ts";
import { schemaHistoryOf } from "../../tools/kept-tables.ts";
import { keptNothing } from "../acting/kept-nothing.ts";
import type { PostgresWorld } from "../acting/postgres-world.ts";
import type { ActionScene } from "../contract/action.contract.ts";
import { emptyDatabase } from "../knowledge/open-test-store.ts";
import { describeWith } from "../services-available.ts";
import { type ActDoor, openActDoor } from "./act-door.ts";
import { type EngineSite, openMysqlSite, openPostgresSite, openRedisSite } from "./engines.ts";
import { type OpsmedicProcesses, openProcesses } from "./opsmedic-process.ts";
import type { Repair } from "./orders.ts";
import {
  actsOf,
  mysqlRows,
  mysqlScenes,
  postgresRows,
  postgresScenes,
  redisRows,
  redisScenes,
  type Row,
} from "./rows.ts";
import {
  mysqlLeak,
  postgresBlockers,
  postgresLeak,
  redisIdlers,
  survivesBetween,
} from "./several-sessions.ts";

/** Of the catalogue, what touches no database. A new repair is either here or has a row. */
const elsewhere =
  /^(?:start|restart|reload|scale|set-memory-limit|edit-settings?|restore-files|free-space|remove-images|remove-containers|roll-back-(?:image|command)|drain|put-back)$/;

it("every repair of a database is killed here", () => {
  const rows = Object.keys({ ...postgresRows, ...mysqlRows, ...redisRows });
  expect(actionNames.filter((name) => !elsewhere.test(name)).toSorted()).toEqual(rows.toSorted());
});

/** An undo that fails is tried three times. */
const MORE_TRIES_THAN_USUAL = 6;
const patient = { timeout: 15_000, interval: 50 };
const dataDir = mkdtempSync(join(tmpdir(), "opsmedic-killed-repairs-"));
const actions = makeActions(keptNothing);
let processes: OpsmedicProcesses;
const present = (): OpsmedicProcesses => processes;
let runs = 0;

describeWith("postgres", "a repair that opsmedic is killed in", () => {
  beforeAll(async () => {
    processes = await openProcesses(await emptyDatabase(), dataDir);
  });
  afterAll(async () => {
    await processes.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  describe("of PostgreSQL", () => {
    let world: PostgresWorld;
    let site: EngineSite;
    beforeAll(async () => {
      ({ world, site } = await openPostgresSite());
    });
    afterEach(() => world.clear());
    afterAll(() => site.close());
    const open = (name: string) => async () => postgresScenes[name]!(world);
    survivesBetween("postgres-end-blocker", () => postgresBlockers(world), present);
    survivesBetween("postgres-end-sessions", () => postgresLeak(world), present, { atOnce: true });
    survivesAll(postgresRows, actsOf.postgres, open, () => ({ site, world }));
  });

  describeWith("mariadb", "of MariaDB", () => {
    let site: EngineSite;
    beforeAll(async () => {
      site = await openMysqlSite();
    });
    afterAll(() => site.close());
    survivesBetween("mysql-end-sessions", mysqlLeak, present);
    survivesAll(
      mysqlRows,
      actsOf.mysql,
      (name) => mysqlScenes[name]!,
      () => ({ site }),
    );
  });

  describeWith("redis", "of Redis", () => {
    let site: EngineSite;
    beforeAll(async () => {
      site = await openRedisSite();
    });
    afterAll(() => site.close());
    survivesBetween("redis-end-clients", redisIdlers, present);
    survivesAll(
      redisRows,
      actsOf.redis,
      (name) => redisScenes[name]!,
      () => ({ site }),
    );
  });
});

interface Stage extends AsyncDisposable {
  scene: ActionScene;
  repair: Repair;
  door: ActDoor;
  before: string;
  site: EngineSite;
  /** Keeps the server in the middle of the act until what it gives back is called. */
  heldUp(): Promise<() => Promise<unknown>>;
}

interface Played {
  name: string;
  row: Row;
  /** What any command that changes something looks like. */
  acts: RegExp;
  staged: () => Promise<Stage>;
}

function survivesAll(
  rows: Readonly<Record<string, Row>>,
  acts: RegExp,
  open: (name: string) => () => Promise<ActionScene>,
  surroundings: () => { site: EngineSite; world?: PostgresWorld },
): void {
  const all = Object.entries(rows).map(([name, row]): Played => {
    return { name, row, acts, staged: () => staged(name, row) };
  });
  for (const one of all) survivesKilling(one);
  // The last, since a crash ends every session that the scenes have in reserve; and what is only repeatable has nothing
  // that could stay half done.
  for (const one of all.filter(({ name }) => isReversible(name))) survivesACrash(one);

  async function staged(name: string, row: Row): Promise<Stage> {
    const { site, world } = surroundings();
    const scene = await open(name)();
    await keepForAll(scene);
    const door = await openActDoor(site.port, acts);
    return {
      scene,
      door,
      site,
      repair: repairOf(scene, door),
      before: await scene.world(),
      heldUp: async () => (await row.holdUp?.({ scene, postgres: world })) ?? (() => Promise.resolve()),
      async [Symbol.asyncDispose]() {
        await door.close();
        await scene[Symbol.asyncDispose]();
      },
    };
  }
}

const isReversible = (name: string): boolean => actions.get(name)?.effect === "reversible";

function survivesKilling({ name, row, acts, staged }: Played): void {
  describe(name, () => {
    const reversible = isReversible(name);
    let whole = "";

    it("is done when nothing disturbs it", async () => {
      await using stage = await staged();
      const { repair, scene } = stage;
      expect(await processes.ask({ do: "repair", repair })).toMatchObject({ state: "verified" });
      whole = await scene.world();
      expect(stage.door.seen().acts).toBeGreaterThan(0);
      await takenBack(stage);
    });

    it("captured and no more", async () => {
      await using stage = await staged();
      const { repair, scene, before } = stage;
      await processes.dieOf({ do: "repair", repair, dieAt: "after step 1 is captured" });
      expect(stage.door.seen().acts).toBe(0);
      expect(await scene.world()).toBe(before);
      await goneOn(stage);
      await takenBack(stage);
    });

    for (const [n, act] of row.acts.entries()) {
      it(`in its act ${n + 1}, and gone on with`, async () => {
        await using stage = await staged();
        const { ports, goOn } = await killedIn(stage, act);
        await goOn();
        await goneOn(stage);
        await nothingIsLeft(stage, ports);
        await takenBack(stage);
      });

      if (!reversible) continue;
      it(`in its act ${n + 1}, and taken back`, async () => {
        await using stage = await staged();
        const { ports, goOn } = await killedIn(stage, act);
        // The server is still in the middle of it when the next one looks.
        if (row.undoneMeanwhile !== true) stage.door.onNext(/select/i, () => void goOn());
        await takenBack(stage);
        if (row.undoneMeanwhile === true) await goOn();
        await nothingIsLeft(stage, ports);
        expect(await stage.scene.world()).toBe(stage.before);
      });
    }

    it("done, but not said so, and killed once more while it is taken back", async () => {
      await using stage = await staged();
      const { repair, door } = stage;
      await processes.dieOf({ do: "repair", repair, dieAt: "before step 1 is applied" });
      const { ports } = door.seen();
      await nothingIsLeft(stage, ports);
      await goneOn(stage);
      expect(door.seen().acts, "it is not done twice").toBe(0);
      if (reversible) {
        door.onNext(acts, () => processes.kill());
        await processes.dieOf({ do: "take back", repair });
      }
      await takenBack(stage);
      await nothingIsLeft(stage, ports);
    });

    async function goneOn({ repair, scene }: Stage): Promise<void> {
      expect(await processes.ask({ do: "repair", repair })).toMatchObject({ state: "verified" });
      const now = await scene.world();
      expect(now).toBe(row.differsByScene === true ? now : whole);
    }
  });
}

function survivesACrash({ name, row, acts, staged }: Played): void {
  it(`${name}, whose server crashes in the midst and is away for a while`, async () => {
    await using stage = await staged();
    const { repair, scene, site, door, before } = stage;
    await site.keep();
    const goOn = await stage.heldUp();
    const back = new Promise<void>((resolve, reject) => {
      const crash = () => site.restart(() => door.refused(MORE_TRIES_THAN_USUAL));
      door.onNext(row.acts[0] ?? acts, () => void crash().then(resolve, reject));
    });
    const reply = await processes.ask({ do: "repair", repair });
    expect(["verified", "undone"]).toContain(reply.state);
    await back;
    await goOn();
    await takenBack(stage);
    await nothingIsLeft(stage, []); // the living one keeps a connection for its looks
    expect(await scene.world()).toBe(before);
  });
}

/** The ports of the killed one's connections, and what lets the server go on. */
async function killedIn({ repair, door, heldUp }: Stage, act: RegExp) {
  const goOn = await heldUp();
  door.onNext(act, () => processes.kill());
  await processes.dieOf({ do: "repair", repair });
  return { goOn, ports: door.seen().ports };
}

async function takenBack({ repair, scene, before }: Stage): Promise<void> {
  expect(await processes.ask({ do: "take back", repair })).toMatchObject({ state: "undone" });
  const now = await scene.world();
  expect(now).toBe(repair.effect === "reversible" ? before : now);
}

async function nothingIsLeft({ site }: Stage, ports: readonly number[]): Promise<void> {
  await expect.poll(() => site.left(ports), patient).toEqual([]);
}

/** What a scene gives its action as the past, in the folder of opsmedic's own processes. */
async function keepForAll({ history, context }: ActionScene): Promise<void> {
  const name = schemaHistoryOf(context.service.name);
  const kept = await history?.lastGood(name);
  if (kept === undefined) return;
  const ours = makeGitFileHistory({ folder: join(dataDir, "backups.git"), clock: systemClock });
  await ours.keepGood(name, kept.files);
}

/** Of the scene, reached through the door. */
function repairOf({ action, params, context }: ActionScene, { port }: ActDoor): Repair {
  const { database } = context.service;
  if (database === undefined) throw new Error("a database is repaired here");
  const url = database.url.replace(/:\d+(?=\/|$)/, `:${port}`);
  runs += 1;
  return {
    runId: `run-${runs}`,
    action: action.name,
    params,
    effect: action.effect,
    service: { ...context.service, database: { ...database, url } },
  };
}
