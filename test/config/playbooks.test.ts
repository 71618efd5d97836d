// Users' own playbooks: read beside the configuration, refused with everything that is wrong, and shown through the
// product's own doors.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { observationCatalogue, observationWords } from "../../agents/evidence/catalogue.ts";
import { databases } from "../../agents/evidence/databases.ts";
import { observers } from "../../agents/evidence/make-evidence.ts";
import { shippedPlaybooks } from "../../agents/playbooks/shipped.ts";
import { loadPlaybooks } from "../../api/playbooks/load.ts";
import { playbookJsonSchema } from "../../api/playbooks/schema.ts";
import { actionNames, makeActions } from "../../tools/actions/catalogue.ts";

const GOOD = readFileSync(new URL("cold-cache.yaml", import.meta.url), "utf8");

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "opsmedic-playbooks-"));
  mkdirSync(join(folder, "opsmedic.d"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(name: string, text: string): void {
  writeFileSync(join(folder, "opsmedic.d", name), text);
}

async function complaints(): Promise<string[]> {
  const wrong = await loadPlaybooks(folder).then(
    () => new Error("accepted"),
    (error: unknown) => error as Error,
  );
  return wrong.message.split("\n");
}

describe("a user's playbook", () => {
  it("is in force beside the shipped ones", async () => {
    write("cold-cache.yaml", GOOD);
    const all = await loadPlaybooks(folder);
    expect(all).toHaveLength(shippedPlaybooks.length + 1);
    expect(all.at(-1)).toMatchObject({
      origin: "opsmedic.d/cold-cache.yaml",
      playbook: {
        id: "cold-cache",
        checks: [{ id: "slow", against: 3_000 }, { id: "young" }, { id: "errors" }],
      },
    });
  });

  it("without a folder there are the shipped ones", async () => {
    rmSync(join(folder, "opsmedic.d"), { recursive: true });
    expect((await loadPlaybooks(folder)).map((one) => one.origin)).toEqual(
      shippedPlaybooks.map(() => "shipped"),
    );
  });

  it("takes the place of a shipped one only where it says so", async () => {
    write("hang.yaml", GOOD.replace("id: cold-cache", "id: hang"));
    expect(await complaints()).toEqual([
      expect.stringMatching(
        /^opsmedic\.d\/hang\.yaml:\d+:5 id A shipped playbook has this id; write "replaces: hang"/,
      ),
    ]);
    write("hang.yaml", GOOD.replace("id: cold-cache", "id: hang\nreplaces: hang"));
    const all = await loadPlaybooks(folder);
    expect(all.filter((one) => one.playbook.id === "hang")).toMatchObject([
      { origin: "opsmedic.d/hang.yaml", replaces: "hang" },
    ]);
    expect(all).toHaveLength(shippedPlaybooks.length);
  });

  it("is refused with everything that is wrong in all files, each with its place", async () => {
    write(
      "a.yaml",
      GOOD.replace("observe: slower-than-before", "observe: slower-than-bevore")
        .replace("- degraded-process", "- degraded-proces")
        .replace("action: restart", "action: restrat")
        .replace("{slow}", "{slo}"),
    );
    write(
      "b.yaml",
      `${GOOD.replace("id: cold-cache", "id: b")}\nfixs: []\n`.replace("- latency", "- latancy"),
    );
    write("c.yaml", "id: [\n");
    const lines = await complaints();
    expect(lines).toEqual([
      expect.stringMatching(
        /^opsmedic\.d\/a\.yaml:\d+:\d+ cause There is no check "slo"; did you mean "slow"\?$/,
      ),
      expect.stringMatching(
        /a\.yaml:\d+:\d+ checks\[0\]\.observe There is no observation "slower-than-bevore"; did you mean "slower-than-before"\?$/,
      ),
      expect.stringMatching(
        /a\.yaml:\d+:\d+ checks\[0\]\.discriminates\[0\] There is no playbook "degraded-proces"; did you mean "degraded-process"\?$/,
      ),
      expect.stringMatching(
        /a\.yaml:\d+:\d+ fixes\[0\]\.actions\[0\]\.action There is no action "restrat"; did you mean "restart"\?$/,
      ),
      expect.stringMatching(
        /b\.yaml:\d+:\d+ appliesTo\[0\] There is no "latancy" here; did you mean "latency"\?$/,
      ),
      expect.stringMatching(/b\.yaml:\d+:1 Unrecognized key: "fixs"; did you mean "fixes"\?$/),
      expect.stringMatching(/^opsmedic\.d\/c\.yaml:\d+:\d+ /),
    ]);
  });

  it.each([
    [
      "words of a log tell a cause from its rivals",
      "    weight: 500",
      "    weight: 500\n    discriminates: [hang]",
      /checks\[2\]\.discriminates "log-pattern" is made of words/,
    ],
    ["a prior above the shipped ones'", "prior: 2500", "prior: 5000", /prior Too big/],
    ["a check that weighs too much", "weight: 3800", "weight: 4900", /checks\[0\]\.weight Too big/],
    [
      "one check that reaches the gate with the prior",
      "prior: 2500",
      "prior: 4000",
      /prior and all weights give/,
    ],
    [
      "a parameter from a check that is not needed",
      "action: restart",
      "action: restart\n        params: { graceMs: { from: young } }",
      /add "young" to needs/,
    ],
    ["the same id for two checks", "id: young", "id: slow", /The id "slow" is used twice/],
    ["a rival of itself", "- degraded-process", "- cold-cache", /It is no rival of itself/],
    [
      "a broken expression",
      "expect: { atMost: 600000 }",
      'expect: { matches: "(" }',
      /no regular expression/,
    ],
    ["two fixes of a class", "class: human", "class: restart", /A fix of class "restart" comes before it/],
    [
      "the place of a playbook that is not there",
      "id: cold-cache",
      "id: cold-cache\nreplaces: hangs",
      /There is no shipped playbook "hangs"; did you mean "hang"\?/,
    ],
  ])("cannot have %s", async (_what, from, to, complaint) => {
    expect(GOOD).toContain(from);
    write("cold-cache.yaml", GOOD.replace(from, to));
    expect((await complaints()).join("\n")).toMatch(complaint);
  });

  it("has a schema for editors, which is current (else: npm run docs)", () => {
    const committed = readFileSync(new URL("../../opsmedic.playbook.schema.json", import.meta.url), "utf8");
    expect(JSON.parse(committed)).toEqual(JSON.parse(JSON.stringify(playbookJsonSchema())));
    expect(playbookJsonSchema()).toMatchObject({
      additionalProperties: false,
      required: ["id", "title", "appliesTo", "cause", "prior", "checks", "fixes"],
    });
  });

  it("may name every action that there is", () => {
    const fileHistory = { keepGood: never, lastGood: never, read: never };
    const all = makeActions({
      fileHistory,
      freeSpace: { setAside: { open: never } as never, ownFolders: [] },
      images: {} as never,
      containers: {} as never,
    }).all();
    expect(actionNames).toEqual(all.map((one) => one.name));
  });
});

const never = (): Promise<never> => Promise.reject(new Error("not asked"));

describe("the catalogue of observations", () => {
  it("has words for each that is no database's, and for none that is not there", () => {
    const names = observationCatalogue().filter((one) => one.way !== "database");
    expect(names.filter((one) => one.asks === "" || one.answers === "")).toEqual([]);
    expect(Object.keys(observationWords).filter((name) => !observers.has(name))).toEqual([]);
    const own = [...observers.keys()].filter((name) => !Object.hasOwn(databases, name));
    expect(own.filter((name) => observationWords[name] === undefined)).toEqual([]);
  });

  it("marks what is made of a log's words as not measured", () => {
    const words = observationCatalogue().filter((one) => !one.measured);
    expect(words.map((one) => one.way)).toEqual(words.map(() => "log"));
  });
});
