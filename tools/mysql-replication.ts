// Whom a MySQL or MariaDB follows, whether it is connected to it, and whether it applies what it hears.
import { HealError } from "../domain/errors.ts";
import { withoutSecrets } from "../domain/mask-secrets.ts";
import type { DatabaseLook } from "../domain/database.ts";
import type { MysqlReader } from "./mysql-reader.ts";
import { numberIn, type Row, textIn } from "./row-values.ts";

const LONGEST_ERROR = 160;

export interface MysqlReplication {
  words: Pick<DatabaseLook["words"], "role" | "link" | "applier" | "replication-error">;
  lagMs: number | undefined;
}

/** Of several primaries the one with trouble. undefined: this user may not see it (REPLICA MONITOR, REPLICATION CLIENT). */
export async function mysqlReplication(
  reader: MysqlReader,
  signal?: AbortSignal,
): Promise<MysqlReplication | undefined> {
  const rows = await reader
    .read(replicaStatusSql(await reader.isMariadb(signal)), [], signal)
    .catch((error: unknown) => {
      signal?.throwIfAborted();
      if (error instanceof HealError && error.code !== "database-not-reached") return undefined;
      throw error;
    });
  if (rows === undefined) return undefined;
  const all = rows.map((one) => ofOne(one));
  return (
    all.find((one) => one.words.link === "down") ??
    all.find((one) => one.words.applier === "stopped") ??
    all.toSorted((a, b) => (b.lagMs ?? 0) - (a.lagMs ?? 0))[0] ?? {
      words: { role: "primary" },
      lagMs: undefined,
    }
  );
}

/** A row for each server that is followed: MariaDB's usual statement tells of the unnamed one only. */
export function replicaStatusSql(mariadb: boolean): string {
  return mariadb ? "show all replicas status" : "show replica status";
}

/** Whether the applier, or the link (IO), of such a row runs. */
export function runsIn(row: Row, thread: "IO" | "SQL"): boolean {
  return (textIn(row, `Slave_${thread}_Running`) ?? textIn(row, `Replica_${thread}_Running`)) === "Yes";
}

function ofOne(row: Row): MysqlReplication {
  const link = runsIn(row, "IO") ? "up" : "down";
  const applier = runsIn(row, "SQL") ? "runs" : "stopped";
  const error = link === "down" ? errorIn(row, "IO") : errorIn(row, "SQL");
  const seconds = numberIn(row, "Seconds_Behind_Master") ?? numberIn(row, "Seconds_Behind_Source");
  return {
    words: { role: "replica", link, applier, ...(error !== undefined && { "replication-error": error }) },
    lagMs: seconds === undefined ? undefined : seconds * 1_000,
  };
}

/** "1062: Duplicate entry …": without the statement that failed, which holds the user's values. */
function errorIn(row: Row, thread: "IO" | "SQL"): string | undefined {
  const code = numberIn(row, `Last_${thread}_Errno`) ?? 0;
  if (code === 0) return undefined;
  const text = (textIn(row, `Last_${thread}_Error`) ?? "").replace(
    /(?: on query)?\. Default database:[^]*$/,
    "",
  );
  return `error ${code}: ${withoutSecrets(text).slice(0, LONGEST_ERROR)}`;
}
