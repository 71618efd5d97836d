// An index that opsmedic made does not pay, by what was counted for hours and days since.
import type { Playbook } from "../../domain/playbook.ts";
import { human, playbook } from "./common-checks.ts";
import { isEngine, names } from "./database-checks.ts";
import { dropIndex } from "./repair.ts";

export const uselessIndex = (engine: "postgres" | "mysql"): Playbook =>
  playbook({
    id: `${engine}-useless-index`,
    title: `An index that opsmedic made in ${names[engine]} does not pay`,
    vocabulary: [
      "unused index",
      engine === "postgres" ? "idx_scan" : "INDEX_STATISTICS",
      "index bloat",
      "slow inserts",
      "write amplification",
      "drop index",
    ],
    appliesTo: ["useless-index"],
    cause: "An index that opsmedic made costs writes and gives nothing: {useless}.",
    prior: 4_600,
    checks: [
      isEngine(engine),
      {
        id: "useless",
        question: "Does an index not pay that opsmedic made?",
        observe: "useless-index",
        expect: { some: true },
        weight: 4_200,
        against: 8_000,
        discriminates: [`${engine}-missing-index`],
      },
      ...dropIndex(engine).checks,
    ],
    fixes: [...dropIndex(engine).fixes, human("Look whether it may go: {useless}")],
  });
