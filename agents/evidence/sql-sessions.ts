// Who holds the connections and the locks of PostgreSQL or MySQL just now.
import type { DatabaseSession } from "../../tools/database-inspector.ts";
import { identityOf, leaksOf, rootsElsewhere, rootsOf } from "../session-groups.ts";
import { inspectorFor, literal, sqlInspectorOf } from "./inside-database.ts";
import {
  inWords,
  type Look,
  numberParam,
  type Observer,
  percent,
  plainLine,
  seen,
  unseen,
} from "./observer.ts";

/** A client that works commits within moments; one that does not has forgotten its transaction. */
export const PARKED_MS = 2_000;
export const IDLE_MS = 60_000;
/** Of all places: so many that wait for their clients just now may be a leak, or not yet. */
const MANY_SHARE = 0.4;

interface Sessions {
  engine: "postgres" | "mysql";
  sessions: DatabaseSession[];
  limit: number;
}

/** The share of all connections that one client holds without using them: idle in a transaction, or idle for long. */
const leakingClient: Observer = async (look) => {
  const found = await sessionsOf(look);
  if (found === undefined) return unseen("its sessions cannot be seen");
  const parkedMs = numberParam(look.params, "parkedMs", PARKED_MS);
  const idleMs = numberParam(look.params, "idleMs", IDLE_MS);
  const [worst] = leaksOf(found.sessions, { parkedMs, idleMs });
  const most = leaksOf(found.sessions, { parkedMs: 0, idleMs })[0]?.held ?? 0;
  if (most >= found.limit * MANY_SHARE && (worst?.held ?? 0) < found.limit * MANY_SHARE)
    return unseen("many of its transactions have only just begun to wait for their clients");
  if (worst === undefined) return seen({ value: 0 }, "no client holds connections that it does not use");
  const { role, client, held, parked, oldestMs } = worst;
  const share = held / found.limit;
  return seen(
    {
      value: share,
      role,
      client: plainLine(client, 60),
      held,
      parked,
      oldestMs,
      advice: endAdvice(found.engine, worst),
    },
    plainLine(
      `${plainLine(identityOf(worst), 80)} holds ${held} connections (${percent(share)}) unused, ${parked} of them in a transaction, the oldest for ${inWords(oldestMs)}`,
    ),
  );
};

/** The share of the sessions that work just now. */
const activeShare: Observer = async (look) => {
  const found = await sessionsOf(look);
  const all = found?.sessions.length ?? 0;
  if (found === undefined || all === 0) return unseen("its sessions cannot be seen");
  const active = found.sessions.filter((one) => one.state === "active").length;
  return seen({ value: active / all, active, all }, `${active} of ${all} sessions are at work`);
};

/**
 * What the session does that others wait for and that waits for nobody: "idle-in-transaction" | "active" | "idle", or
 * what it is where it is no client's: "prepared" | "autovacuum" | "server"; null: nobody waits. Of several roots the one
 * that holds up most.
 */
const blockerRoot: Observer = async (look) => {
  const found = await sessionsOf(look);
  if (found === undefined) return unseen("its sessions cannot be seen");
  const [root] = rootsOf(found.sessions);
  const [elsewhere] = rootsElsewhere(found.sessions);
  if (elsewhere !== undefined && elsewhere.blocked > (root?.blocked ?? 0)) return holderSeen(look, elsewhere);
  if (root === undefined) {
    const waiting = found.sessions.filter((one) => one.lock !== null).length;
    return waiting > 0 ? unseen("who holds the lock cannot be seen") : seen(null, "nobody waits for a lock");
  }
  const { session, blocked, longestMs } = root;
  const open = session.transactionMs ?? session.stateMs;
  const end =
    found.engine === "postgres" ? `SELECT pg_terminate_backend(${session.id});` : `KILL ${session.id};`;
  const who = plainLine(identityOf(session), 80);
  return seen(
    {
      value: session.state,
      id: session.id,
      role: session.role,
      client: plainLine(session.client, 60),
      blocked,
      openMs: open,
      longestMs,
      protected: session.protected,
      advice: end,
    },
    plainLine(
      `session ${session.id} (${who}), ${session.state.replaceAll("-", " ")}, its transaction open for ${inWords(open)}, holds up ${blocked} sessions`,
      300,
    ),
  );
};

/** A prepared transaction is ended by its name only, and by whoever knows what became of the rest of it. */
async function holderSeen(look: Look, { id, blocked, longestMs }: ReturnType<typeof rootsElsewhere>[number]) {
  const all = await (await inspectorFor(look, "postgres"))?.lockHolders(look.signal);
  const holder = all?.find((one) => one.id === id);
  if (holder === undefined) return unseen("who holds the lock cannot be seen");
  const { kind, name, role, openMs } = holder;
  const gid = literal(name);
  const what =
    kind === "prepared"
      ? `the prepared transaction ${plainLine(gid, 100)} of ${plainLine(role ?? "", 60)}`
      : `a process of the server itself (${plainLine(name, 120)})`;
  return seen(
    {
      value: kind,
      id,
      name: plainLine(name, 200),
      blocked,
      openMs,
      longestMs,
      advice: kind === "prepared" ? `COMMIT PREPARED ${gid}; or ROLLBACK PREPARED ${gid};` : "",
    },
    plainLine(`${what}, open for ${inWords(openMs ?? 0)}, holds up ${blocked} sessions`, 300),
  );
}

/**
 * The lock at the root of the waiting: "relation", "transactionid", "metadata lock", "row"; null: nobody waits. Behind one
 * who waits for a table many may wait for the rows that he holds: their locks are not the cause.
 */
const lockKind: Observer = async (look) => {
  const found = await sessionsOf(look);
  if (found === undefined) return unseen("its sessions cannot be seen");
  const [root] = rootsOf(found.sessions);
  const atRoot = found.sessions.filter((one) => root && one.waitsFor.includes(root.session.id));
  const locks = locksOf(atRoot).length > 0 ? locksOf(atRoot) : locksOf(found.sessions);
  const counts = [...Map.groupBy(locks, (one) => one)].toSorted((a, b) => b[1].length - a[1].length);
  const [most] = counts;
  return most
    ? seen(most[0], `${most[1].length} wait for a lock of kind ${plainLine(most[0], 40)}`)
    : seen(null, "nobody waits for a lock");
};

function locksOf(sessions: readonly DatabaseSession[]): string[] {
  return sessions.flatMap((one) => one.lock ?? []);
}

export const sqlSessionObservers: Record<string, Observer> = {
  "leaking-client": leakingClient,
  "active-share": activeShare,
  "blocker-root": blockerRoot,
  "lock-kind": lockKind,
};

async function sessionsOf(look: Look): Promise<Sessions | undefined> {
  const inspector = await sqlInspectorOf(look);
  if (inspector === undefined) return undefined;
  const { database } = look.scene.service;
  const kept = new Set(database === undefined || database.kind === "redis" ? [] : database.protectRoles);
  const sessions = (await inspector.sessions(look.signal)).map((one) =>
    kept.has(one.role) ? { ...one, protected: true } : one,
  );
  const limit = (await inspector.look(look.signal))?.numbers["connection-limit"];
  return { engine: inspector.engine, sessions, limit: limit ?? Math.max(1, sessions.length) };
}

function endAdvice(engine: Sessions["engine"], leak: ReturnType<typeof leaksOf>[number]): string {
  if (engine === "mysql") return `KILL ${leak.ids.slice(0, 10).join("; KILL ")};`;
  const state = leak.parked > 0 ? "idle in transaction" : "idle";
  return `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = ${literal(leak.role)} AND application_name = ${literal(leak.client)} AND state = '${state}' AND state_change < now() - interval '1 min';`;
}
