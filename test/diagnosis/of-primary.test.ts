// A repair of what goes to the replicas is not planned where the database is one.
import { expect, it } from "vitest";
import { ofPrimary } from "../../agents/evidence/inside-database.ts";
import { type Look, seen } from "../../agents/evidence/observer.ts";

const may = seen({ value: true }, "it may");
const observer = ofPrimary(async () => may);

function look(engine: string, words: object): Look {
  const signals = [{ kind: "database", service: "orders-db", at: 1, engine, numbers: {}, words }];
  return {
    scene: { service: { name: "orders-db" }, signals },
    parts: { window: () => [] },
  } as unknown as Look;
}

it.each([
  ["a standby of PostgreSQL", "postgres", { role: "replica", link: "up" }],
  ["a replica of MySQL", "mysql", { role: "replica", "read-only": "yes" }],
])("is not possible on %s", async (_name, engine, words) => {
  expect(await observer(look(engine, words))).toMatchObject({
    value: null,
    text: expect.stringContaining("it follows a primary"),
  });
});

it.each([
  ["a primary", "postgres", { role: "primary" }],
  [
    "a primary that was left read only, which is another trouble",
    "mysql",
    { role: "primary", "read-only": "yes" },
  ],
  ["a primary beside another one, whom it follows", "mysql", { role: "replica" }],
  ["one whose role cannot be seen", "mysql", {}],
])("is as ever on %s", async (_name, engine, words) => {
  expect(await observer(look(engine, words))).toBe(may);
});
