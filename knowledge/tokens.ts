// API tokens: random, shown once, kept only as a hash.
import { createHash, randomBytes } from "node:crypto";
import { z } from "zod";
import type { Clock } from "../domain/clock.ts";
import { HealError } from "../domain/errors.ts";
import type { Queryable } from "./db.ts";
import type { Tokens } from "./records.ts";
import { rowsAs, whole } from "./rows.ts";

const tokenRow = z.object({ name: z.string(), role: z.enum(["viewer", "operator", "admin"]) });

/** A token has 256 random bits, so a plain hash is enough: there is nothing to guess. */
const sha256 = (token: string): string => createHash("sha256").update(token).digest("hex");

export function makeTokens(db: Queryable, clock: Clock): Tokens {
  return {
    async create(name, role) {
      const token = `opm_${randomBytes(32).toString("base64url")}`;
      const rows = await db.query(
        `insert into opsmedic.tokens (name, role, sha256, created_at) values ($1, $2, $3, $4)
         on conflict (name) do nothing returning name`,
        [name, role, sha256(token), whole(clock.now())],
      );
      if (rows.length > 0) return token;
      throw new HealError(`There is a token named ${JSON.stringify(name)} already.`, {
        code: "token-exists",
        hint: "Choose another name; a token is shown only when it is made.",
      });
    },
    async put(name, role, token) {
      await db.query(
        `insert into opsmedic.tokens (name, role, sha256, created_at) values ($1, $2, $3, $4)
         on conflict (name) do update set role = excluded.role, sha256 = excluded.sha256,
           created_at = excluded.created_at`,
        [name, role, sha256(token), whole(clock.now())],
      );
    },
    async find(token) {
      const rows = await db.query("select name, role from opsmedic.tokens where sha256 = $1", [
        sha256(token),
      ]);
      return rowsAs(tokenRow, rows, "a token")[0];
    },
    async has(name) {
      return (await db.query("select 1 from opsmedic.tokens where name = $1", [name])).length > 0;
    },
  };
}
