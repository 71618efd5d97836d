// opsmedic.schema.json is what editors read: it must be the one that the present schema gives.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { configJsonSchema } from "../../api/config.ts";

describe("opsmedic.schema.json", () => {
  it("is current (else: npm run docs)", () => {
    const committed = readFileSync(new URL("../../opsmedic.schema.json", import.meta.url), "utf8");
    expect(JSON.parse(committed)).toEqual(JSON.parse(JSON.stringify(configJsonSchema())));
  });

  it("requires nothing but services", () => {
    expect(configJsonSchema()).toMatchObject({ required: ["services"], additionalProperties: false });
  });
});
