// What opsmedic itself cannot do for a while is told when it begins and when it is over.
import pino from "pino";
import { expect, it } from "vitest";
import { makeLastingTroubles } from "../../api/lasting-troubles.ts";

it("tells a trouble once, another one anew, and its end; each work for itself", async () => {
  const said: string[] = [];
  const { around } = makeLastingTroubles(
    pino(
      { level: "warn" },
      {
        write: (line: string) => {
          const { what, error = "over" } = JSON.parse(line) as { what: string; error?: string };
          said.push(`${what}: ${error}`);
        },
      },
    ),
  );
  await around("reading", works);
  for (let tries = 0; tries < 50; tries += 1) await around("reading", fails("refused"));
  await around("saving", fails("refused"));
  await around("reading", fails("shutting down"));
  await around("reading", works);
  await around("reading", works);
  await around("reading", fails("refused"));
  expect(said).toEqual([
    "reading: refused",
    "saving: refused",
    "reading: shutting down",
    "reading: over",
    "reading: refused",
  ]);
});

const works = (): Promise<void> => Promise.resolve();
const fails = (message: string) => (): Promise<void> => Promise.reject(new Error(message));
