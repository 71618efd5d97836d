// Storms of deadlocks: two programs take the same rows in different orders. Whose statement gives way the server decides;
// nothing is done about it but to name the statements.
import type { Connection } from "mysql2/promise";
import type { Fault } from "../fault.ts";
import { mariadbScene } from "../mariadb-site.ts";
import { postgresScene } from "../postgres-site.ts";

const ROUNDS = 6;
const FIRST = "update stock set n = n where id = 1";
const SECOND = "update stock set n = n + 0 where id = 2";

interface Program {
  query(sql: string): Promise<unknown>;
}

/** Each holds what the other one wants next; one of them is given up. */
async function deadlock(one: Program, other: Program): Promise<void> {
  for (let round = 0; round < ROUNDS; round += 1) {
    await Promise.all([one.query("begin"), other.query("begin")]);
    await Promise.all([one.query(FIRST), other.query(SECOND)]);
    const ends = await Promise.allSettled([one.query(SECOND), other.query(FIRST)]);
    await Promise.all([one.query("rollback"), other.query("rollback")]);
    if (ends.every((end) => end.status === "fulfilled")) throw new Error("nobody was given up");
  }
}

export const deadlockFaults: readonly Fault[] = [
  {
    kind: "plain",
    needs: "postgres",
    right: "told",
    causes: [{ role: "db", playbooks: ["postgres-deadlocks"] }],
    name: "postgres-deadlock-storm",
    title:
      "Two programs take the same rows in different orders, again and again: one statement wins each time.",
    stage: postgresScene((site) => ({
      break: async () => {
        const [one, other] = [
          await site.client("customers-checkout"),
          await site.client("customers-returns"),
        ];
        await deadlock(one, other);
        // A session tells what it counted when it ends, or has nothing to do for a while.
        await Promise.all([one.end(), other.end()]);
      },
      well: () => site.served((client) => client.query("select count(*) from stock")),
    })),
  },
  {
    kind: "plain",
    needs: "mariadb",
    right: "told",
    causes: [{ role: "db", playbooks: ["mysql-deadlocks"] }],
    name: "mariadb-deadlock-storm",
    title: "The same in MariaDB.",
    stage: mariadbScene((site) => ({
      break: async () => {
        const [one, other] = [await site.client(), await site.client()];
        await deadlock(one, other);
        for (const client of [one, other] as Connection[]) client.destroy();
      },
      well: () => site.served((client) => client.query("select count(*) from stock")),
    })),
  },
];
