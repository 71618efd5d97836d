// Every way to write a configuration wrong has a file in wrong/; its first lines say what must be complained about.
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parseConfig } from "../../api/config.ts";

const folder = new URL("wrong/", import.meta.url);

function complaintsAbout(text: string): string {
  try {
    parseConfig(text, { file: null, shown: "file", baseDir: "/srv", variables: {} });
    return "accepted";
  } catch (error) {
    return error instanceof Error ? error.message.replaceAll(/^file:/gm, "") : String(error);
  }
}

describe("a wrong configuration", () => {
  it.each(readdirSync(folder))("%s is refused with everything that is wrong in it", (file) => {
    const text = readFileSync(new URL(file, folder), "utf8");
    const expected = [...text.matchAll(/^# expect: (.*)$/gm)].map(([, line]) => line);

    expect(expected.length).toBeGreaterThan(0);
    expect(complaintsAbout(text).split("\n")).toEqual(expected);
  });
});
