// The audit log: every change with who made it, each entry chained to the one before by its hash.
// A changed, removed or reordered entry breaks the chain; the stored head tells when the last ones were removed.
import { createHash } from "node:crypto";
import { z } from "zod";
import type { Clock } from "../domain/clock.ts";
import { HealError } from "../domain/errors.ts";
import { canonicalJson, jsonObjectSchema } from "../domain/json.ts";
import type { Db, Queryable } from "./db.ts";
import type { Audit, AuditEntry } from "./records.ts";
import { atMost, int8, rowsAs, whole } from "./rows.ts";
import { jsonParam, storableJson } from "./storable.ts";

const FIRST_HASH = "0".repeat(64);
/** Entries read at once while verifying. */
const PAGE = 500;

const entryRow: z.ZodType<AuditEntry> = z.object({
  seq: int8,
  at: int8,
  actor: z.string(),
  door: z.enum(["api", "cli", "system"]),
  action: z.string(),
  target: z.string(),
  detail: jsonObjectSchema,
  hash: z.string(),
});
const headRow = z.object({ seq: int8, hash: z.string() });
const columns = "seq, at, actor, door, action, target, detail, hash";

type Verified = Awaited<ReturnType<Audit["verify"]>>;

export function makeAudit(db: Db, clock: Clock): Audit {
  return {
    async append({ actor, door, action, target, detail }) {
      const said = storableEntry({ actor, door, action, target, detail });
      return db.transaction(async (tx) => {
        const head = await readHead(tx, "for update");
        const entry = chain(head, { ...said, at: whole(clock.now()) });
        await insert(tx, entry);
        await tx.query("update opsmedic.audit_head set seq = $1, hash = $2", [entry.seq, entry.hash]);
        return entry;
      });
    },
    async list({ limit, before }) {
      const rows = await db.query(
        `select ${columns} from opsmedic.audit where ($1::bigint is null or seq < $1) order by seq desc limit $2`,
        [before ?? null, atMost(limit)],
      );
      return rowsAs(entryRow, rows, "an audit entry");
    },
    async about(targets, limit) {
      const rows = await db.query(
        `select ${columns} from opsmedic.audit where target = any($1::text[]) order by seq limit $2`,
        [targets, atMost(limit)],
      );
      return rowsAs(entryRow, rows, "an audit entry");
    },
    async verify() {
      // One snapshot, so that an append meanwhile is not taken for damage.
      return db.transaction(async (tx) => {
        await tx.query("set transaction isolation level repeatable read, read only");
        return verifyChain(tx);
      });
    },
  };
}

type Said = Pick<AuditEntry, "actor" | "door" | "action" | "target" | "detail">;

/** What is hashed is what is stored. */
function storableEntry(said: Said): Said {
  return storableJson(said) as unknown as Said;
}

function chain(head: { seq: number; hash: string }, entry: Said & { at: number }): AuditEntry {
  const numbered = { ...entry, seq: head.seq + 1 };
  return { ...numbered, hash: hashOf(head.hash, numbered) };
}

/** sha256 over the previous hash and the entry's canonical JSON (without its own hash). */
export function hashOf(
  previous: string,
  { seq, at, actor, door, action, target, detail }: Omit<AuditEntry, "hash">,
): string {
  const text = canonicalJson({ seq, at, actor, door, action, target, detail });
  return createHash("sha256").update(previous).update(text).digest("hex");
}

async function readHead(tx: Queryable, lock = ""): Promise<z.infer<typeof headRow>> {
  const rows = await tx.query(`select seq, hash from opsmedic.audit_head ${lock}`);
  const [head] = rowsAs(headRow, rows, "the head of the audit log");
  if (head !== undefined) return head;
  throw new HealError("The head of the audit log is missing; somebody removed it.", {
    code: "store-corrupt",
    hint: "Restore the database from a backup; until then nothing that must be audited can be done.",
  });
}

async function insert(
  tx: Queryable,
  { seq, at, actor, door, action, target, detail, hash }: AuditEntry,
): Promise<void> {
  await tx.query(`insert into opsmedic.audit (${columns}) values ($1, $2, $3, $4, $5, $6, $7::jsonb, $8)`, [
    seq,
    at,
    actor,
    door,
    action,
    target,
    jsonParam(detail),
    hash,
  ]);
}

async function verifyChain(tx: Queryable): Promise<Verified> {
  const head = await readHead(tx);
  let last = { seq: 0, hash: FIRST_HASH };
  let entries = 0;
  const broken = (brokenAt: number, problem: string): Verified => ({ ok: false, entries, brokenAt, problem });
  for (;;) {
    const rows = await tx.query(
      `select ${columns} from opsmedic.audit where seq > $1 order by seq limit ${PAGE}`,
      [last.seq],
    );
    if (rows.length === 0) break;
    for (const entry of rowsAs(entryRow, rows, "an audit entry")) {
      if (entry.seq !== last.seq + 1) return broken(last.seq + 1, `entry ${last.seq + 1} is missing`);
      if (entry.hash !== hashOf(last.hash, entry)) {
        return broken(entry.seq, `entry ${entry.seq} does not fit its hash: it or its place was changed`);
      }
      last = entry;
      entries += 1;
    }
  }
  if (head.seq > last.seq) return broken(last.seq + 1, `entries ${last.seq + 1} to ${head.seq} are missing`);
  if (head.seq !== last.seq || head.hash !== last.hash)
    return broken(last.seq, "the head does not fit the last entry");
  return { ok: true, entries, brokenAt: null, problem: null };
}
