// Every command that a page tells people to type is one that the program knows, with options that it has.
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { makeProgram } from "../../api/cli/program.ts";
import { plain } from "../../api/cli/terminal.ts";

const root = new URL("../../", import.meta.url);
const pages = [
  "README.md",
  ...readdirSync(new URL("docs", root), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md") && !name.startsWith("reference/"))
    .map((name) => `docs/${name}`),
];

function commandsIn(text: string): string[] {
  const blocks = [...text.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block = ""]) => block.split("\n"));
  const inline = [...text.replaceAll(/```[\s\S]*?```/g, "").matchAll(/`([^`\n]+)`/g)].map(
    ([, code = ""]) => code,
  );
  return [...blocks, ...inline].flatMap(
    (line) => /^(?:npx )?opsmedic ([a-z][^#|&]*)/.exec(line)?.[1]?.trim() ?? [],
  );
}

/** What the program complains about; "" where it would run. */
async function complaintAbout(words: string): Promise<string> {
  let said = "";
  const terminal = {
    out: () => undefined,
    err: (text: string) => void (said += text),
    paint: plain,
    interactive: false,
    ask: () => Promise.resolve(""),
  };
  const given = [...words.matchAll(/"[^"]*"|\S+/g)].map(([word]) => word);
  const program = makeProgram({ terminal, version: () => "" }, () => Promise.resolve());
  await program.parseAsync(given, { from: "user" }).catch(() => undefined);
  return said;
}

describe("the pages", () => {
  const told = pages.flatMap((page) =>
    commandsIn(readFileSync(new URL(page, root), "utf8")).map((words) => [page, words] as const),
  );

  it("tell enough to be worth the test", () => {
    expect(told.length).toBeGreaterThan(20);
  });

  it.each(told)("%s: opsmedic %s", async (_, words) => {
    expect(await complaintAbout(words)).toBe("");
  });
});
