// Similar cases in a diagnosis: shown for its reader, never part of its score, and never in its way.
import { expect, it } from "vitest";
import { similarCases } from "../../agents/similar-cases.ts";
import type { Recall, RecalledCase } from "../../knowledge/recall.ts";
import { finding } from "../knowledge/sample-findings.ts";

const recalled: RecalledCase = {
  id: "kb_1",
  title: "A title",
  symptoms: ["a line"],
  playbook: "hang",
  cause: "A cause.",
  fix: "restart",
  outcome: "healed",
  runId: "run-1",
  service: "shop",
  at: 1,
  similarity: 0.7,
};
const found = finding("exited");

it("asks with the lines that were found, and passes on what the reader needs", async () => {
  const asked: unknown[] = [];
  const recall: Recall = {
    similar: (question) => {
      asked.push(question);
      return Promise.resolve([recalled]);
    },
  };
  const { symptoms: _symptoms, ...shown } = recalled;
  expect(await similarCases(recall, [found], "docker")).toEqual([shown]);
  expect(asked).toEqual([{ text: found.summary, targetKind: "docker", limit: 3 }]);
});

it("shows nothing where nothing was found, nobody remembers, or remembering fails", async () => {
  const broken: Recall = { similar: () => Promise.reject(new Error("the store is away")) };
  expect(await similarCases(broken, [found], "docker")).toEqual([]);
  expect(await similarCases(undefined, [found], "docker")).toEqual([]);
  expect(await similarCases({ similar: () => Promise.resolve([recalled]) }, [], "docker")).toEqual([]);
});

it("is not waited for once the run is over", async () => {
  const endless: Recall = { similar: () => new Promise(() => undefined) };
  expect(await similarCases(endless, [found], "docker", AbortSignal.abort())).toEqual([]);
});
