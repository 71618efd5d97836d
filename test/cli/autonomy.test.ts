// autonomy: what each command asks for and prints.
import { describe, expect, it } from "vitest";
import type { AutonomyAnswer, PairStory } from "../../api/autonomy.ts";
import { fakeOperations } from "./fake-operations.ts";
import { runCli } from "./run-cli.ts";
import { start } from "./story.ts";

const counts = { total: 12, right: 10, wrong: 1, unclear: 1, open: 0 };
const pair = {
  id: "aut_1",
  service: "web",
  playbook: "process-crash",
  fix: "start",
  alone: true,
  earnedAt: start - 60_000,
  rights: 10,
  wrongs: 0,
  lowerBp: 7_224,
  lostAt: start - 86_400_000,
  lostBecause: "it healed, and the symptom came back",
  decisions: counts,
};
const report: AutonomyAnswer = {
  grant: "earned",
  least: 10,
  boundBp: 7_000,
  would_have_fixed: counts,
  pairs: [pair],
};
const story: PairStory = {
  ...pair,
  history: [],
  revocations: [{ at: start - 9, by: "ada", reason: "why not" }],
};

describe("autonomy", () => {
  it("ls tells what would have been fixed, how often wrongly, and who acts alone", async () => {
    const { operations, calls } = fakeOperations({ autonomy: async () => report });
    const { out, code } = await runCli(["autonomy", "ls", "--service", "web"], operations);
    expect(code).toBe(0);
    expect(calls).toEqual([["autonomy", { service: "web" }]]);
    expect(out).toContain("Would have fixed 12, wrongly 1 (right 10, unclear 1, not known yet 0).");
    expect(out).toMatch(/aut_1 +web +process-crash → start +10 of 10 +72\.24 % +alone/);
    const json = await runCli(["autonomy", "ls", "--json"], operations);
    expect(JSON.parse(json.out)).toMatchObject({ pairs: [{ id: "aut_1", alone: true }] });
  });

  it("show tells why it was lost and who took it away", async () => {
    const { operations } = fakeOperations({ autonomyOf: async () => story });
    const { out } = await runCli(["autonomy", "show", "aut_1"], operations);
    expect(out).toContain("Lost: it healed, and the symptom came back");
    expect(out).toMatch(/Taken away .* by ada: why not/);
  });

  it("revoke needs a reason, and says first what it would do", async () => {
    const { operations, calls } = fakeOperations({
      autonomyOf: async () => story,
      revokeAutonomy: async () => ({ ...pair, alone: false }),
    });
    expect((await runCli(["autonomy", "revoke", "aut_1"], operations)).code).toBe(2);
    const dry = await runCli(["autonomy", "revoke", "aut_1", "--reason", "new", "--dry-run"], operations);
    expect(dry.out).toContain("Would take autonomy from start against process-crash at web");
    expect(calls.map(([name]) => name)).toEqual(["autonomyOf"]);
    await runCli(["autonomy", "revoke", "aut_1", "--reason", "new"], operations);
    expect(calls.at(-1)?.slice(0, 3)).toEqual(["revokeAutonomy", "aut_1", { reason: "new" }]);
  });
});
