// A primary dies in the midst of repairs of its database, and its standby takes its place: what was begun on one server is
// ended on the other, where nothing stays half done, and what is that server's own is left alone.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { HealError } from "../../domain/errors.ts";
import { systemClock } from "../../domain/system-clock.ts";
import type { JournalEntry } from "../../knowledge/records.ts";
import { makeActions } from "../../tools/actions/catalogue.ts";
import { makeGitBackups } from "../../tools/git-backup.ts";
import { keptNothing } from "../acting/kept-nothing.ts";
import { invoices, postgresScenes, setting } from "../acting/postgres-scenes.ts";
import type { ActionScene } from "../contract/action.contract.ts";
import { makeScene } from "../databases/scene.ts";
import { openTestStore, type TestStore } from "../knowledge/open-test-store.ts";
import { describeWith } from "../services-available.ts";
import { openPair, type Pair, type PairWorld } from "./failover-pair.ts";
import { type OneRepair, oneRepair } from "./one-repair.ts";
import { postgresRows } from "./rows.ts";

/** What goes to the standbys, with the act in whose midst the primary dies; the rest is a server's own. */
const MIDST: Record<string, RegExp> = {
  "postgres-create-index": /CREATE INDEX/,
  "postgres-drop-index": /DROP INDEX/,
  "postgres-widen-sequence": /ALTER SEQUENCE/,
  "postgres-make-table": /(?<![|\w])commit/,
  "postgres-run-migration": /(?<![|\w])commit/,
  "postgres-restore-object": /OWNER TO/,
  "postgres-vacuum": /VACUUM/,
};
const HANDED_ON = [...Object.keys(MIDST), "postgres-analyze", "postgres-freeze"];
/** Done and told before the primary dies; taken back after it. */
const DONE = [
  "postgres-create-index",
  "postgres-drop-index",
  "postgres-widen-sequence",
  "postgres-make-table",
  "postgres-run-migration",
  "postgres-restore-object",
];

/** More than it takes to undo a step and to prove it. */
const TRIES = 5;

const FOLLOWS = {
  code: "database-read-only",
  text: "it is a standby, which takes such a change from its primary only",
};

/** Done, and opsmedic is killed, too: the next one looks on the new primary whether they are. */
const UNDER_WAY = ["postgres-create-index", "postgres-make-table", "postgres-restore-object"];

const left = `
select 'half an index' as what, indexrelid::regclass::text as which from pg_index where not (indisvalid and indisready and indislive)
union all select 'half a transaction', gid from pg_prepared_xacts
union all select 'lock', l.mode from pg_locks l join pg_stat_activity a using (pid)
  where a.application_name = 'opsmedic' and a.state <> 'idle' and l.locktype = 'relation'`;
const ownFile =
  "select name, setting from pg_file_settings where sourcefile like '%auto.conf' and name not like 'primary%'";

describeWith("postgres", "a primary of PostgreSQL that dies in the midst of repairs", () => {
  const folder = mkdtempSync(join(tmpdir(), "opsmedic-failover-"));
  const backups = makeGitBackups({ folder: join(folder, "backups.git"), clock: systemClock });
  let pair: Pair;
  let opened: TestStore;
  beforeAll(async () => {
    [pair, opened] = await Promise.all([openPair(), openTestStore("pglite")]);
  });
  afterAll(async () => {
    await pair[Symbol.asyncDispose]();
    await opened.close();
    rmSync(folder, { recursive: true, force: true });
  });

  interface Played {
    name: string;
    world: PairWorld;
    scene: ActionScene;
    before: string;
    medic: OneRepair;
  }

  async function played(name: string, database: string): Promise<Played> {
    const world = await pair.open(database);
    const scene = await postgresScenes[name]!(world);
    return { name, world, scene, before: await scene.world(), medic: oneRepair(opened, backups, scene) };
  }

  /** Somebody has changed the table, for which the making and the dropping of an index wait. */
  async function heldUp({ name, world }: Played): Promise<void> {
    if (!name.endsWith("-index")) return;
    const writer = await world.client("checkout");
    await writer.query("begin; insert into orders (customer) values (1)");
  }

  it("is refused as long as it only follows, and may be changed where the change is its own", async () => {
    const all: Played[] = [];
    for (const [place, name] of HANDED_ON.entries()) all.push(await played(name, `follows${place}`));
    await pair.caughtUp();
    for (const { name, world, scene } of all) {
      world.address.moveTo(pair.standby.port);
      const refused = await scene.action
        .capture(scene.params, scene.context)
        .catch((error: unknown) => error);
      expect({ name, ...told(refused) }).toEqual({ name, ...FOLLOWS });
    }
    const [first] = all;
    if (first === undefined) throw new Error("none is played");
    const at = { ...first.world.context(), ...first.scene.context };
    await pair.rowsOn(pair.standby, "alter system set statement_timeout = '60s'");
    await pair.rowsOn(pair.standby, "select pg_reload_conf()");
    const change = makeActions(keptNothing).get("postgres-set-setting")!;
    const params = { setting: "statement_timeout", from: "60000", to: "0" };
    const captured = await change.capture(params, at);
    await change.apply(params, captured, at);
    expect(await change.verify(params, captured, at)).toMatchObject({ ok: true });
    await change.undo(params, captured, at);
    expect(await change.verifyUndo(params, captured, at)).toEqual({
      ok: true,
      text: "statement_timeout is 60000",
    });
    await pair.rowsOn(pair.standby, "alter system reset statement_timeout");
    await pair.rowsOn(pair.standby, "select pg_reload_conf()");
    for (const { world } of all) world.address.moveTo(pair.primary.port);
  });

  it("is diagnosed as a standby, and the change is advised for its primary", async () => {
    const world = await pair.open("advised");
    await invoices(world);
    await pair.caughtUp();
    world.address.moveTo(pair.standby.port);
    const { service } = world.context();
    const whole = {
      ...service,
      health: [],
      metrics: [],
      logs: [],
      dependsOn: [],
      limits: { maxReplicas: 1 },
    };
    const scene = makeScene([whole]);
    const { advice, hypotheses } = await scene.diagnosed(whole, "sequence-end");
    scene.close();
    expect(hypotheses[0]?.playbook).toBe("postgres-sequence-end");
    expect(advice).toContain("it follows a primary, and takes such a change from there only");
  });

  it("leaves nothing half done on the standby that takes its place, and nothing of its own is touched", async () => {
    const done: Played[] = [];
    for (const [place, name] of DONE.entries()) {
      const one = await played(name, `done${place}`);
      expect({ name, ...stateOf(await one.medic.repair()) }).toMatchObject({ name, state: "verified" });
      done.push(one);
    }
    const midst: Played[] = [];
    for (const [place, name] of Object.keys(MIDST).entries()) midst.push(await played(name, `midst${place}`));
    const underWay: Played[] = [];
    for (const [place, name] of UNDER_WAY.entries()) {
      const one = await played(name, `killed${place}`);
      await one.medic.leaveUnderWay();
      underWay.push(one);
    }
    const settings = await settingsOnThePrimary();
    const ownBefore = await pair.rowsOn(pair.standby, ownFile);
    await pair.caughtUp();
    // What it has received comes into sight when it is promoted.
    await pair.rowsOn(pair.standby, "select pg_wal_replay_pause()");

    const runs: { name: string; end: Promise<JournalEntry> }[] = [];
    for (const one of midst) {
      await heldUp(one);
      const held = one.world.address.heldAt(MIDST[one.name]!);
      runs.push({ name: one.name, end: one.medic.repair() });
      await held;
    }
    runs.push(await settings.inTheMidst());
    await untilHalfMade(midst);
    await pair.caughtUp();
    const ended = Promise.all(runs.map(async ({ name, end }) => ({ name, ...stateOf(await end) })));
    // Whoever has something to take back has tried to, again and again, on a server that only follows.
    await pair.failOver(() =>
      Promise.all(
        midst.map(({ world }, place) => Promise.race([world.address.visited(TRIES), runs[place]?.end])),
      ),
    );

    for (const one of await ended) expect(one).toMatchObject({ name: one.name, state: "undone" });
    for (const { name, medic } of done)
      expect({ name, ...stateOf(await medic.takeBack()) }).toMatchObject({ name, state: "undone" });
    for (const { name, medic } of underWay) {
      const found = { state: "verified", detail: expect.stringMatching(/^Was done before the crash/) };
      expect({ name, ...stateOf(await medic.goOn()) }).toEqual({ name, ...found });
      expect({ name, ...stateOf(await medic.takeBack()) }).toMatchObject({ name, state: "undone" });
    }
    for (const { name, scene, before, world } of [...midst, ...done, ...underWay]) {
      const now = await scene.world();
      // What was only repeatable harms nothing where it was done.
      const wanted = scene.action.effect === "reversible" ? before : now;
      expect({ name, now, left: await world.rows(left) }).toEqual({ name, now: wanted, left: [] });
    }
    await settings.leftAlone();
    expect(await pair.rowsOn(pair.standby, ownFile)).toEqual(ownBefore);
  });

  /** One is changed and told, the other one is in the midst; the standby has both as they should be, of its own. */
  async function settingsOnThePrimary() {
    const one = await played("postgres-set-setting", "setting");
    const told = await pair.open("told");
    await setting(told, "alter system set statement_timeout = 60000", "60000");
    const action = makeActions(keptNothing).get("postgres-set-setting")!;
    const params = { setting: "statement_timeout", from: "60000", to: "0" };
    const second = oneRepair(opened, backups, { action, params, context: told.context() });
    expect((await second.repair()).state).toBe("verified");
    const logging = { setting: "log_lock_waits", from: "off", to: "on" };
    const killed = await pair.open("killed");
    const third = oneRepair(opened, backups, { action, params: logging, context: killed.context() });
    await third.leaveUnderWay();
    let end: Promise<JournalEntry>;
    return {
      async inTheMidst() {
        const held = one.world.address.heldAt(/pg_reload_conf/);
        end = one.medic.repair();
        await held;
        return { name: one.name, end };
      },
      async leftAlone() {
        expect((await end).detail).toBe(
          "another server answers there now; on the one before, autovacuum may still be on (it was off: ALTER SYSTEM SET autovacuum = 'off')",
        );
        const another = {
          state: "undone",
          detail: expect.stringContaining("another server answers there now"),
        };
        expect(await second.takeBack()).toMatchObject(another);
        expect(await third.goOn()).toMatchObject(another);
        const [now] = await pair.rowsOn(
          pair.standby,
          "select current_setting('autovacuum') as autovacuum, current_setting('statement_timeout') as timeout, current_setting('log_lock_waits') as waits",
        );
        expect(now).toEqual({ autovacuum: "on", timeout: "0", waits: "off" });
      },
    };
  }

  /** The first half of both is in the log by now: an index that is not valid yet, and one that is not any more. */
  async function untilHalfMade(midst: readonly Played[]): Promise<void> {
    for (const { world } of midst.filter(({ name }) => name.endsWith("-index")))
      await expect
        .poll(() => world.rows("select from pg_index where not indisvalid"), { timeout: 15_000 })
        .toHaveLength(1);
  }
});

function stateOf({ state, detail }: JournalEntry) {
  return { state, detail };
}

function told(error: unknown) {
  return error instanceof HealError ? { code: error.code, text: error.message } : { error };
}

it("every repair of PostgreSQL that goes to its standbys is failed over in here", () => {
  const own = /-end-|set-setting|write-again/;
  expect(HANDED_ON.toSorted()).toEqual(
    Object.keys(postgresRows)
      .filter((name) => !own.test(name))
      .toSorted(),
  );
});
