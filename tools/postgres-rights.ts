// What the role of the configuration lacks to see all that opsmedic looks at, and to repair what it finds, with the
// statements that give it.
import { safeSettings } from "./actions/postgres/safe-settings.ts";
import type { MissingRight, RepairRight } from "./database-inspector.ts";
import { lackingRights } from "./repair-rights.ts";
import { numberIn, type Row, textIn } from "./row-values.ts";

/** `row`: of rightsSql. */
export function missingPostgresRights(row: Row): MissingRight[] {
  const role = quoted(textIn(row, "role") ?? "");
  const missing: MissingRight[] = [];
  if (row["super"] !== true && row["monitor"] !== true) {
    missing.push({
      what: "sessions of other roles, settings, statements and the folders that it writes to cannot be seen",
      grant: `GRANT pg_monitor TO ${role};`,
    });
  }
  const unseen = textIn(row, "unseen");
  if (unseen !== undefined) {
    missing.push({
      what: "how far some sequences have come cannot be seen",
      grant: `GRANT SELECT ON ALL SEQUENCES IN SCHEMA ${unseen} TO ${role};`,
    });
  }
  if (row["statements"] !== true) {
    const preload = (textIn(row, "preloaded") ?? "").includes("pg_stat_statements")
      ? ""
      : "shared_preload_libraries = 'pg_stat_statements' in postgresql.conf, a restart, then ";
    missing.push({
      what: "statements are not counted, so slow ones and missing indexes are not found",
      grant: `${preload}CREATE EXTENSION pg_stat_statements;`,
    });
  }
  return [...missing, ...lackingRights(postgresRepairRights(row))];
}

/** `row`: of rightsSql. */
export function postgresRepairRights(row: Row): RepairRight[] {
  const role = quoted(textIn(row, "role") ?? "");
  const all = row["super"] === true;
  const owners = textIn(row, "owners") ?? "";
  const superOwners = textIn(row, "superowners") ?? "";
  const schemas = textIn(row, "schemas") ?? "";
  const newer = (numberIn(row, "version") ?? 0) >= 170_000;
  const owned = [
    ...(owners === "" ? [] : [`GRANT ${owners} TO ${role};`]),
    ...(superOwners === ""
      ? []
      : [
          `ALTER TABLE … OWNER TO a role that is no superuser, for the tables of ${superOwners}, and GRANT that role TO ${role};`,
        ]),
  ];
  const ownsAll = owners === "" && superOwners === "";
  return [
    {
      repairs: ["postgres-end-sessions", "postgres-end-blocker"],
      what: "sessions that a client has leaked cannot be ended",
      grant: `GRANT pg_signal_backend TO ${role};`,
      given: all || row["signal"] === true,
    },
    {
      repairs: ["postgres-set-setting"],
      what: "settings that endanger the server cannot be put right",
      grant: `GRANT EXECUTE ON FUNCTION pg_reload_conf() TO ${role}; GRANT ALTER SYSTEM ON PARAMETER ${safeSettings.join(", ")} TO ${role}; (PostgreSQL 15 or newer)`,
      given: all || row["reload"] === true,
    },
    {
      repairs: ["postgres-analyze", "postgres-vacuum"],
      what: "tables of other roles cannot be vacuumed or analysed",
      grant: newer ? `GRANT pg_maintain TO ${role};` : owned.join(" ") || "the owner of the tables",
      given: all || row["maintains"] === true || ownsAll,
    },
    {
      repairs: [
        "postgres-create-index",
        "postgres-drop-index",
        "postgres-widen-sequence",
        "postgres-restore-object",
        "postgres-run-migration",
        "postgres-make-table",
      ],
      what: "indexes, sequences and tables of other roles cannot be made or changed",
      grant:
        [...owned, ...(schemas === "" ? [] : [`GRANT CREATE ON SCHEMA ${schemas} TO ${role};`])].join(" ") ||
        "the owner of the tables, and CREATE on their schemas",
      given: all || (ownsAll && schemas === ""),
    },
    {
      repairs: ["postgres-write-again"],
      what: "whether it writes again, after its disk was full, is tried with its log alone",
      grant: `GRANT TEMPORARY ON DATABASE ${textIn(row, "database") ?? ""} TO ${role};`,
      given: all || row["temporary"] === true,
    },
    {
      repairs: ["postgres-freeze"],
      what: "the catalogues that all databases share cannot be frozen",
      grant: newer
        ? `GRANT pg_maintain TO ${role};`
        : `ALTER ROLE ${role} SUPERUSER; (before PostgreSQL 17 nothing less is enough: think twice, and leave it away rather)`,
      given: all || row["maintains"] === true,
    },
  ];
}

function quoted(role: string): string {
  return `"${role.replaceAll('"', '""')}"`;
}
