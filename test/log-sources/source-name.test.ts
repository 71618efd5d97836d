// The configuration's entries as sources: each has a name that stays, tells it from others, and gives nothing away.
import { describe, expect, it } from "vitest";
import { type PulledEntry, sourceName } from "../../tools/log-sources/source-name.ts";

const opensearch: PulledEntry = { type: "opensearch", url: "http://u:pw@os:9200", index: "logs-*" };

describe("the name of a pulled source", () => {
  it("tells sources apart that read different things, however long their queries are", () => {
    const names = ["a", "b", `${"x".repeat(200)}a`, `${"x".repeat(200)}b`].map((query) =>
      sourceName({ ...opensearch, query }),
    );
    expect(new Set(names).size).toBe(4);
    for (const name of names) {
      expect(name.length).toBeLessThanOrEqual(120);
      expect(name).not.toContain("pw");
    }
    const set = {
      type: "mongodb" as const,
      url: "mongodb://u:pw@a:1,b:2/x?replicaSet=r",
      collection: "app.logs",
    };
    expect(sourceName(set)).toBe("mongodb a:1,b:2 app.logs");
  });
});
