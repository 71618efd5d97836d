// The reference cannot age: what is committed is what the program makes.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { commands, globalFlags } from "../../api/cli/tree.ts";
import { referencePages } from "../../api/reference/pages.ts";
import { formOf, rowsOf } from "../../api/reference/schema-rows.ts";

const root = new URL("../../", import.meta.url);
const pages = referencePages();
const pageOf = (name: string): string => pages.find(({ path }) => path.endsWith(name))?.text ?? "";

describe("docs/reference", () => {
  it.each(pages)("$path is current (else: npm run docs)", ({ path, text }) => {
    expect(readFileSync(new URL(path, root), "utf8")).toBe(text);
  });

  it("names every command with its options, and what completion prints", () => {
    const text = pageOf("command-line.md");
    for (const { usage, options = [] } of commands) {
      expect(text).toContain(`opsmedic ${usage}`);
      for (const [flags, meaning] of options) expect(text).toContain(`| \`${flags}\` | ${meaning} |`);
    }
    for (const [flags] of globalFlags) expect(text).toContain(`\`${flags}\``);
    expect(text).toContain("opsmedic completion <shell>");
  });

  it("names every endpoint, and links only to records that it describes", () => {
    const text = pageOf("http-api.md");
    expect(text).toContain("### POST /api/approvals/{id}/decision\n");
    const linked = [...text.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor]) => anchor);
    const headings = [...text.matchAll(/^### (\S+)$/gm)].map(([, name = ""]) => name.toLowerCase());
    expect(linked.filter((one) => !headings.includes(one ?? ""))).toEqual([]);
  });
});

describe("a schema as rows", () => {
  it("has a row for each value, whatever it lies in", () => {
    const schema = {
      type: "object",
      required: ["name"],
      properties: {
        name: { type: "string", description: "Its name" },
        ports: {
          type: "array",
          items: { type: "object", properties: { port: { type: "integer", minimum: 1 } } },
        },
        channels: {
          type: "object",
          additionalProperties: {
            oneOf: [
              {
                type: "object",
                properties: { type: { const: "a" }, url: { type: "string", format: "uri" } },
              },
              { type: "object", properties: { type: { const: "b" } } },
            ],
          },
        },
      },
    };
    expect(rowsOf(schema).map(({ path, form, required }) => [path, form, required])).toEqual([
      ["name", "text", true],
      ["ports[].port", "whole number from 1", false],
      ["channels.<name> (a).type", "`a`", false],
      ["channels.<name> (a).url", "address", false],
      ["channels.<name> (b).type", "`b`", false],
    ]);
  });

  it.each([
    [{ enum: ["x", "y"] }, "`x`, `y`"],
    [{ anyOf: [{ type: "string" }, { type: "null" }] }, "text or null"],
    [{ $ref: "#/components/schemas/Run" }, "[Run](#run)"],
    [{ type: "integer", minimum: 0, maximum: Number.MAX_SAFE_INTEGER }, "whole number from 0"],
    [{}, "anything"],
  ])("%j reads %s", (schema, words) => {
    expect(formOf(schema)).toBe(words);
  });
});
