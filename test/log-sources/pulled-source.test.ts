// The configuration's entries as sources: each has a name that stays, tells it from others, and gives nothing away.
import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { logSourcesSchema } from "../../api/config/later-schema.ts";
import { type PulledEntry, pulledSource, sourceName } from "../../tools/log-sources/pulled-source.ts";
import { fakeClock } from "../fakes/clock.ts";

const example = readFileSync(path.join(import.meta.dirname, "../../opsmedic.example.yaml"), "utf8");

const opensearch: PulledEntry = { type: "opensearch", url: "http://u:pw@os:9200", index: "logs-*" };

describe("pulledSource", () => {
  it("takes the entries of the configuration as they stand", () => {
    const { logs } = parse(
      example.replaceAll("${LOGS_MONGO_URL}", "mongodb://ann:hunter2@mongo:27017/x"),
    ) as {
      logs: unknown;
    };
    const names: string[] = [];
    for (const entry of logSourcesSchema.parse(logs)) {
      if (entry.type !== "syslog") names.push(pulledSource(entry, fakeClock()).name);
    }
    expect(names).toEqual([
      "newrelic 123 service = 'checkout'",
      "seq seq:5341 @Level = 'Error'",
      "mongodb mongo:27017 app.logs",
      'loki loki:3100 {app="checkout"}',
    ]);
  });

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
