// A database answers, and does not let opsmedic in: it is up, and only somebody who may give rights can help.
import type { DatabaseEngine } from "../../domain/database.ts";
import type { Playbook } from "../../domain/playbook.ts";
import { human, playbook } from "./common-checks.ts";
import { isEngine, names } from "./database-checks.ts";

const lookAfter: Record<DatabaseEngine, string> = {
  postgres:
    "the password and the database in the address of the configuration, the role (LOGIN, VALID UNTIL), and pg_hba.conf, whose first line that fits counts (then SELECT pg_reload_conf();)",
  mysql:
    "the password and the database in the address of the configuration, and the account: SHOW GRANTS for its name and the host it comes from",
  redis: "the password in the address of the configuration, and the user: ACL GETUSER",
};

export const loginRefused = (engine: DatabaseEngine): Playbook =>
  playbook({
    id: `${engine}-login-refused`,
    title: `${names[engine]} refuses the login of opsmedic`,
    vocabulary: [
      "password authentication failed",
      "pg_hba.conf",
      "access denied for user",
      "WRONGPASS",
      "NOAUTH",
      "requirepass",
      "1045",
      "28P01",
    ],
    appliesTo: ["unreachable", "unhealthy"],
    cause: "It is up, and does not let opsmedic in: {refused}.",
    prior: 4_400,
    checks: [
      isEngine(engine),
      {
        id: "refused",
        question: "Does it answer, and refuse the login?",
        observe: "probe-now",
        expect: { is: "auth" },
        weight: 4_300,
        against: 9_000,
        discriminates: ["outside-service-down", "degraded-process", "hang"],
      },
    ],
    fixes: [
      human(
        `Look after ${lookAfter[engine]}. Its other clients may be well; inside it nothing is seen meanwhile`,
      ),
    ],
  });
