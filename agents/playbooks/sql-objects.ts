// The program asks for a table or a column that its database does not have where it looks: it is nowhere (a migration
// is missing), or in another schema (the search path is wrong). The log brings it up; the catalogue decides.
import type { Playbook } from "../../domain/playbook.ts";
import { dependenciesAnswer, type Draft, human, playbook } from "./common-checks.ts";
import { names } from "./database-checks.ts";
import { type Repair, restoreObject, runMigration } from "./repair.ts";

type Engine = "postgres" | "mysql";

const SAID = [
  "does not exist",
  "doesn't exist",
  "unknown column",
  "no such table",
  "migration",
  "42P01",
  "42703",
  "1146",
  "1054",
];

const near = (engine: Engine) => ({
  id: "near",
  question: `Has it to do with ${names[engine]}?`,
  observe: "near-database",
  params: { engine },
  expect: { is: true },
  weight: 300,
  against: 10_000,
});

const found: Draft["checks"][number] = {
  id: "found",
  question: "Does the log name it again and again?",
  observe: "symptom",
  params: { kinds: ["missing-object"] },
  expect: { some: true },
  weight: 400,
  against: 2_000,
};

/** MySQL and MariaDB commit each change of a table by itself: half of a migration could not be taken back there. */
const ownMigrations: Record<Engine, Repair> = {
  postgres: {
    checks: runMigration.checks,
    fixes: [
      ...runMigration.fixes,
      human("Run the migrations of the service, or take back the deploy: {place}; {migration}"),
    ],
  },
  mysql: {
    checks: [],
    fixes: [
      human(
        "Run the migrations of the service, which opsmedic does not do here, since each change of a table is committed by itself; or take back the deploy: {place}",
      ),
    ],
  },
};

export const missingObject = (engine: Engine): Playbook =>
  playbook({
    id: `${engine}-missing-object`,
    title: `A table or column is missing in ${names[engine]}`,
    vocabulary: SAID,
    appliesTo: ["missing-object"],
    cause: "Its database does not have what it asks for: {place}.",
    prior: 3_900,
    checks: [
      near(engine),
      found,
      {
        id: "place",
        question: "Is it nowhere in the database?",
        observe: "object-place",
        params: { engine },
        expect: { is: "missing" },
        weight: 3_800,
        against: 8_000,
        discriminates: [`${engine}-wrong-schema`],
      },
      dependenciesAnswer({ weight: 600, against: 1_000 }),
      ...restoreObject(engine).checks,
      ...ownMigrations[engine].checks,
    ],
    fixes: [...restoreObject(engine).fixes, ...ownMigrations[engine].fixes],
  });

export const wrongSchema = (engine: Engine): Playbook =>
  playbook({
    id: `${engine}-wrong-schema`,
    title: `The program looks in the wrong ${engine === "postgres" ? "schema" : "database"} of ${names[engine]}`,
    vocabulary: [...SAID, "search_path", "wrong database", "schema"],
    appliesTo: ["missing-object"],
    cause: "What it asks for is there, but not where it looks: {place}.",
    prior: 3_700,
    checks: [
      near(engine),
      found,
      {
        id: "place",
        question: "Is it in the database, but elsewhere?",
        observe: "object-place",
        params: { engine },
        expect: { is: "elsewhere" },
        weight: 3_900,
        against: 8_000,
        discriminates: [`${engine}-missing-object`],
      },
      dependenciesAnswer({ weight: 600, against: 1_000 }),
    ],
    fixes: [
      human(
        engine === "postgres"
          ? "Correct the address of the database or the search path (ALTER ROLE … SET search_path): {place}"
          : "Correct the name of the database in the address: {place}",
      ),
    ],
  });
