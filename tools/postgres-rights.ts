// What the role of the configuration lacks to see all that opsmedic looks at, and to repair what it finds, with the
// statements that give it.
import { safeSettings } from "./actions/postgres/safe-settings.ts";
import type { MissingRight } from "./database-inspector.ts";
import { numberIn, type Row, textIn } from "./row-values.ts";

/** `row`: of rightsSql. */
export function missingPostgresRights(row: Row): MissingRight[] {
  const role = `"${(textIn(row, "role") ?? "").replaceAll('"', '""')}"`;
  const missing: MissingRight[] = [];
  if (row["super"] !== true && row["monitor"] !== true) {
    missing.push({
      what: "sessions of other roles, settings and statements cannot be seen",
      grant: `GRANT pg_monitor TO ${role};`,
    });
  }
  if (row["super"] !== true && (numberIn(row, "sequences") ?? 0) > 0) {
    missing.push({
      what: "how far some sequences have come cannot be seen",
      grant: `GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO ${role};`,
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
  if (row["super"] !== true && row["signal"] !== true) {
    missing.push({
      what: "sessions that a client has leaked cannot be ended (needed for repairs only)",
      grant: `GRANT pg_signal_backend TO ${role};`,
    });
  }
  if (row["super"] !== true && row["reload"] !== true) {
    missing.push({
      what: "settings that endanger the server cannot be put right (needed for repairs only; PostgreSQL 15 or newer)",
      grant: `GRANT EXECUTE ON FUNCTION pg_reload_conf() TO ${role}; GRANT ALTER SYSTEM ON PARAMETER ${safeSettings.join(", ")} TO ${role};`,
    });
  }
  return missing;
}
