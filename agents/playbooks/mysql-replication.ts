// A replica of MySQL that has stopped applying what its primary did; a server that is told to let nobody write.
import { human, playbook } from "./common-checks.ts";
import { isEngine } from "./database-checks.ts";
import { replicationError } from "./sql-server.ts";

export const mysqlReplicaStopped = playbook({
  id: "mysql-replica-stopped",
  title: "A replica of MySQL or MariaDB does not apply what its primary did",
  vocabulary: [
    "Slave_SQL_Running: No",
    "Replica_SQL_Running: No",
    "Last_SQL_Errno",
    "1062",
    "1032",
    "Duplicate entry",
    "HA_ERR_KEY_NOT_FOUND",
    "sql_slave_skip_counter",
  ],
  appliesTo: ["replication"],
  cause: "It hears its primary, but has stopped applying: {error}.",
  prior: 4_300,
  checks: [
    isEngine("mysql"),
    {
      id: "applier",
      question: "Has it stopped applying?",
      observe: "database-word",
      params: { name: "applier" },
      expect: { is: "stopped" },
      weight: 3_600,
      against: 8_000,
      discriminates: ["mysql-replica-late"],
    },
    {
      id: "link",
      question: "Is its link to the primary up?",
      observe: "database-word",
      params: { name: "link" },
      expect: { is: "up" },
      weight: 900,
      against: 6_000,
      discriminates: ["mysql-replica-cut-off"],
    },
    replicationError,
  ],
  fixes: [human("{error.advice}")],
});

export const mysqlReadOnly = playbook({
  id: "mysql-read-only",
  title: "MySQL or MariaDB lets nobody write",
  vocabulary: ["read_only", "super_read_only", "--read-only option", "1290", "failover", "maintenance"],
  appliesTo: ["bad-setting"],
  cause: "read_only is on, and it follows nobody: programs cannot write.",
  prior: 4_300,
  checks: [
    isEngine("mysql"),
    {
      id: "read-only",
      question: "Is read_only on?",
      observe: "database-word",
      params: { name: "read-only" },
      expect: { is: "yes" },
      weight: 2_600,
      against: 8_000,
    },
    {
      id: "role",
      question: "Does it follow nobody?",
      observe: "database-word",
      params: { name: "role" },
      expect: { is: "primary" },
      weight: 1_800,
      against: 8_000,
      discriminates: ["mysql-bad-setting"],
    },
  ],
  fixes: [
    human(
      "Where this is the primary and it was forgotten: SET GLOBAL read_only = OFF. Not where a failover put it aside: two servers would be written to. Where it is meant, say mysql.readOnly: true",
    ),
  ],
});
