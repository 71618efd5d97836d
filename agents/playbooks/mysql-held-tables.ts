// Sessions of MySQL wait for tables that are held without a transaction: InnoDB does not know by whom, so nobody is ended.
import { human, playbook } from "./common-checks.ts";
import { isEngine, lockKind, sessionsWait } from "./database-checks.ts";
import type { CheckDraft } from "./repair.ts";

const silent: CheckDraft = {
  id: "silent",
  question: "Which sessions have said nothing since the first one had to wait?",
  observe: "mysql-silent-sessions",
  expect: { some: true },
  weight: 0,
};

export const mysqlTableLocked = playbook({
  id: "mysql-table-locked",
  title: "A session keeps a table of MySQL locked",
  vocabulary: ["LOCK TABLES", "UNLOCK TABLES", "Waiting for table metadata lock", "mysqldump", "MyISAM"],
  appliesTo: ["blocked-sessions", "connections", "slow-queries"],
  cause: "Somebody holds {held}, by LOCK TABLES or a long statement without a transaction, and others wait.",
  prior: 3_700,
  checks: [
    isEngine("mysql"),
    sessionsWait,
    lockKind("metadata lock", "mysql-row-lock"),
    {
      id: "held",
      question: "Is a table held without a transaction?",
      observe: "mysql-held-tables",
      expect: { some: true },
      weight: 1_200,
      against: 6_000,
      discriminates: ["mysql-metadata-lock"],
    },
    silent,
  ],
  fixes: [
    human(
      "Let it UNLOCK TABLES, or KILL it: the server does not tell who it is (its performance_schema would, or INSTALL SONAME 'metadata_lock_info'). It may be {silent}",
    ),
  ],
});

export const mysqlAllLocked = playbook({
  id: "mysql-all-locked",
  title: "All tables of MySQL are locked against writing",
  vocabulary: [
    "FLUSH TABLES WITH READ LOCK",
    "Waiting for global read lock",
    "Waiting for backup lock",
    "BACKUP STAGE",
    "snapshot",
    "mysqldump",
  ],
  appliesTo: ["blocked-sessions", "connections", "slow-queries"],
  cause: "A backup or a person keeps everybody from writing (FLUSH TABLES WITH READ LOCK): {kind}.",
  prior: 4_600,
  checks: [isEngine("mysql"), sessionsWait, lockKind("global lock", "mysql-metadata-lock"), silent],
  fixes: [
    human(
      "See whether a backup is under way, and let it end; where it was forgotten, UNLOCK TABLES in its session, or KILL it. It may be {silent}",
    ),
  ],
});
