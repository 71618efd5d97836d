// Where bare names of a service's migrations lead, and in whose name they are run: as its own role would find them, not
// as the role of opsmedic does.
import { textIn } from "../../row-values.ts";
import type { Ask } from "./unused-sessions.ts";

export interface SearchPlace {
  /** Schemas that are there, in their order. */
  path: string[];
  /** What is made without a schema is made here. */
  here: string;
  /** Owns what is made. */
  role: string;
}

/** The most particular first, as the server takes them. */
const settingsSql = `
select s.setconfig as settings from pg_catalog.pg_db_role_setting s
where s.setrole in (0, (select oid from pg_catalog.pg_roles where rolname = $1))
  and s.setdatabase in (0, (select oid from pg_catalog.pg_database where datname = current_database()))
order by s.setrole <> 0 desc, s.setdatabase <> 0 desc`;

/** Of tables; what an extension made is its own. */
const ownersSql = `
select distinct pg_catalog.pg_get_userbyid(c.relowner) as owner from pg_catalog.pg_class c
where c.relnamespace = (select oid from pg_catalog.pg_namespace where nspname = $1) and c.relkind in ('r', 'p')
  and not exists (select from pg_catalog.pg_depend d where d.objid = c.oid and d.classid = 'pg_catalog.pg_class'::regclass and d.deptype = 'e')
order by 1 limit 4`;

const USUAL = '"$user", public';

/** `role`: of the configuration. `why`: a person must say more. */
export async function searchPlace(
  ask: Ask,
  role: string | undefined,
): Promise<SearchPlace | { why: string }> {
  const settings = (await ask(settingsSql, [role ?? null])).map((row) => row["settings"] as string[] | null);
  const own = settings.flatMap((all) => all ?? []).find((one) => one.startsWith("search_path="));
  const asked = schemasIn(own?.slice("search_path=".length) ?? USUAL).flatMap((one) =>
    one === "$user" ? (role ?? []) : one,
  );
  const rows = await ask("select nspname as schema from pg_catalog.pg_namespace where nspname = any($1)", [
    asked,
  ]);
  const there = new Set(rows.map((row) => textIn(row, "schema")));
  const path = asked.filter((one) => there.has(one) && one !== "pg_catalog");
  const [here] = path;
  if (here === undefined) return { why: "none of the schemas of its search path is there" };
  if (role !== undefined) return { path, here, role };
  const owners = (await ask(ownersSql, [here])).map((row) => textIn(row, "owner") ?? "");
  if (owners.length > 1)
    return {
      why: `tables of ${here} belong to ${owners.join(", ")}: postgres.migrations.role must say whose it is`,
    };
  const [me] = await ask("select current_user::text as role", []);
  return { path, here, role: owners[0] ?? textIn(me, "role") ?? "" };
}

/** The names of a search_path as the server reads it: unquoted ones in small letters. */
export function schemasIn(path: string): string[] {
  return [...path.matchAll(/"((?:[^"]|"")*)"|([^\s,"]+)/g)].map(([, quoted, plain = ""]) =>
    quoted === undefined ? plain.toLowerCase() : quoted.replaceAll('""', '"'),
  );
}
