import {
  type Arbitrary,
  array,
  assert,
  constant,
  constantFrom,
  integer,
  nat,
  oneof,
  property,
  record,
  shuffledSubarray,
  string,
  tuple,
} from "fast-check";
import { describe, expect, it } from "vitest";
import { type ClusterSettings, type ErrorLine, makeErrorClusters } from "../../signals/clusters/clusters.ts";

/** Lines of two made-up programs: few errors, many parameters, some of them words. */
const user = constantFrom("ann", "bob", "cyd", "dora", "eve", "finn", "u17");
const table = constantFrom("orders", "items", "carts", "t_12");
const line = oneof(
  user.map((name) => `shop[12]: payment refused for customer ${name} after 3 tries`),
  user.map((name) => `shop[12]: login of customer ${name} denied`),
  table.map((name) => `ERROR store: could not write row into table ${name} because disk is full`),
  table.map((name) => `ERROR store: could not write row into table ${name} because lock is held`),
  constantFrom("ERROR store: checkpoint lost", "WARN queue: checkpoint lost", "checkpoint lost again"),
  constantFrom("java.io.IOException: Broken pipe", "Caused by: java.io.IOException: Broken pipe"),
  constantFrom("x", "*", "", "12 34", "= ="),
);
const errorLine: Arbitrary<ErrorLine> = record({
  text: line,
  at: integer({ min: 0, max: 9_000_000 }),
});
const errorLines = array(errorLine, { maxLength: 60 });

function clustered(lines: readonly ErrorLine[], settings?: ClusterSettings) {
  const clusters = makeErrorClusters(settings);
  for (const one of lines) clusters.add(one);
  return clusters;
}

/** Who is with whom, whatever the ids: for each text the texts of its cluster; noise is alone. */
function partition(clusters: ReturnType<typeof clustered>, lines: readonly ErrorLine[]): string[][] {
  const texts = [...new Set(lines.map(({ text }) => text))].sort();
  const byId = new Map<string, string[]>();
  for (const text of texts) {
    const id = clusters.clusterOf(text) ?? `alone ${text}`;
    byId.set(id, [...(byId.get(id) ?? []), text]);
  }
  return [...byId.values()];
}

const shuffled = errorLines.chain((lines) =>
  tuple(constant(lines), shuffledSubarray(lines, { minLength: lines.length })),
);

const unknownCustomer = (name: string) => `no such customer ${name} in region north`;

describe("clusters of error lines", () => {
  it("puts lines together that differ in what varies, and no others", () => {
    const at = ["10.0.0.7:5432", "10.0.0.9:5432"];
    const lines = [
      ...at.map(
        (address) => `2026-01-02 10:00:0${at.indexOf(address)} ERROR [pool-1] db: no answer from ${address}`,
      ),
      ...at.map((address) => `2026-01-02 10:00:00 ERROR [pool-2] db: handshake with ${address} refused`),
    ];
    const clusters = clustered(lines.map((text) => ({ text })));
    const [a, b, c, d] = lines.map((text) => clusters.clusterOf(text));
    expect([a, c]).toEqual([b, d]);
    expect(a).not.toBe(c);
  });

  it("learns that a place in a sentence holds names, once it sees new ones again and again", () => {
    const clusters = clustered([{ text: unknownCustomer("ann") }, { text: unknownCustomer("bob") }]);
    expect(clusters.clusterOf(unknownCustomer("ann"))).toBeUndefined();
    clusters.add({ text: unknownCustomer("cyd") });
    expect(clusters.clusterOf(unknownCustomer("ann"))).toBeDefined();
    expect(clusters.clusterOf(unknownCustomer("ann"))).toBe(clusters.clusterOf(unknownCustomer("cyd")));
  });

  it("keeps verbs apart: what failed is no parameter", () => {
    const lines = ["open", "read", "write", "lock"].map((verb) => ({
      text: `failed to ${verb} the ledger file`,
    }));
    expect(partition(clustered(lines), lines)).toHaveLength(4);
  });

  it("calls a line that came once noise, and delivered twice it still came once", () => {
    const clusters = clustered([
      { text: "disk is gone", at: 5 },
      { text: "disk is gone", at: 5 },
    ]);
    expect(clusters.clusterOf("disk is gone")).toBeUndefined();
    expect(clusters.add({ text: "disk is gone", at: 6 })).toBe("c1");
  });

  it("joins the same message from different threads and hosts", () => {
    const lines = ["main", "worker", "pool"].map((thread) => ({
      text: `2026-01-02 10:00:00 WARN [${thread}] app.Store: replica lags behind the leader`,
    }));
    expect(partition(clustered(lines), lines)).toHaveLength(1);
  });

  it("gives the same partition in any order", () => {
    assert(
      property(shuffled, ([lines, others]) => {
        expect(partition(clustered(others), lines)).toEqual(partition(clustered(lines), lines));
      }),
    );
  });

  it("gives the same partition when lines are delivered twice", () => {
    assert(
      property(errorLines, nat(), (lines, seed) => {
        const twice = lines.flatMap((one, at) => ((seed >> (at % 30)) & 1 ? [one, one] : [one]));
        expect(partition(clustered(twice), lines)).toEqual(partition(clustered(lines), lines));
      }),
    );
  });

  it("is after a restart what it would be without", () => {
    const settings = { maxItems: 12 };
    assert(
      property(errorLines, errorLines, (before, after) => {
        const steady = clustered(before, settings);
        const saved = JSON.parse(JSON.stringify(steady.save())) as ReturnType<typeof steady.save>;
        const restarted = makeErrorClusters(settings, saved);
        for (const one of after) expect(restarted.add(one)).toBe(steady.add(one));
        expect(restarted.clusters()).toEqual(steady.clusters());
        expect(restarted.save()).toEqual(steady.save());
      }),
    );
  });

  it("forgets what was longest unseen, as if it had never been there", () => {
    assert(
      property(errorLines, (lines) => {
        const clusters = clustered(lines, { maxItems: 8 });
        const kept = clusters.save().items;
        expect(kept.length).toBeLessThanOrEqual(8);
        // Forgetting leaves what all at once would give for what is left: each item with the lines it was seen in.
        const again = makeErrorClusters({ maxItems: 8 }, { next: 1, merged: [], items: kept });
        expect(partition(again, lines)).toEqual(partition(clusters, lines));
      }),
    );
  });

  it("describes each cluster: confidence 0..1, a name, every line counted", () => {
    assert(
      property(errorLines, (lines) => {
        const found = clustered(lines);
        const all = found.clusters();
        for (const { confidence, name } of all) {
          expect(confidence).toBeGreaterThanOrEqual(0);
          expect(confidence).toBeLessThanOrEqual(1);
          expect(name).not.toBe("");
          expect(name.length).toBeLessThanOrEqual(80);
        }
        const inClusters = lines.filter(({ text }) => found.clusterOf(text) !== undefined).length;
        expect(all.reduce((sum, one) => sum + one.lines, 0)).toBe(inClusters);
      }),
    );
  });

  it("forgets whole clusters", () => {
    const clusters = clustered(
      [
        { text: "disk lost", at: 1 },
        { text: "disk lost", at: 2 },
      ],
      { maxItems: 1 },
    );
    expect(clusters.clusters()).toHaveLength(1);
    clusters.add({ text: "network gone", at: 3 });
    expect(clusters.clusters()).toEqual([]);
    expect(clusters.clusterOf("disk lost")).toBeUndefined();
  });

  it("keeps ids through growth and merges, and tells where a merged one went", () => {
    const clusters = makeErrorClusters();
    for (const name of ["ann", "bob"]) {
      for (const at of [1, 2]) clusters.add({ text: unknownCustomer(name), at });
    }
    expect(
      clusters
        .clusters()
        .map(({ id }) => id)
        .sort(),
    ).toEqual(["c1", "c2"]);
    // New names show that the place of the name is a parameter: one cluster now, the older one.
    for (const name of ["cyd", "eve", "finn"]) clusters.add({ text: unknownCustomer(name), at: 3 });
    expect(clusters.clusters().map(({ id, lines }) => [id, lines])).toEqual([["c1", 7]]);
    expect(clusters.resolve("c2")).toBe("c1");
    // Each name has come again: as far as one can tell these are five errors; the id stays with one of them.
    for (const name of ["cyd", "eve", "finn"]) clusters.add({ text: unknownCustomer(name), at: 4 });
    expect(clusters.clusters()).toHaveLength(5);
    expect(clusters.clusters().map(({ id }) => id)).toContain("c1");
  });

  it("tells services, times, and what comes together", () => {
    const minute = 60_000;
    const clusters = makeErrorClusters();
    for (const at of [1, 2, 3].map((count) => count * minute)) {
      clusters.add({ text: "disk is full", at, service: "store" });
      clusters.add({ text: "order was not written", at: at + 5, service: "shop" });
      clusters.add({ text: "order was not written", at: at + 6, service: "cart" });
    }
    clusters.add({ text: "certificate expires", at: 9 * minute });
    clusters.add({ text: "certificate expires", at: 9 * minute + 1 });
    const [order, disk, certificate] = clusters.clusters();
    expect(order).toMatchObject({
      name: "order was not written",
      services: ["cart", "shop"],
      lines: 6,
      forms: 1,
      firstAt: minute + 5,
      lastAt: 3 * minute + 6,
      together: [{ id: disk?.id, share: 1 }],
    });
    expect(certificate?.together).toEqual([]);
  });

  it("is surer of a cluster that came often and stands alone", () => {
    const clusters = makeErrorClusters();
    const near = ["replica one lags behind", "replica one lags far behind"];
    for (let at = 0; at < 20; at++) for (const text of ["disk is full", ...near]) clusters.add({ text, at });
    clusters.add({ text: "certificate expires", at: 1 });
    clusters.add({ text: "certificate expires", at: 2 });
    const sure = new Map(clusters.clusters().map(({ name, confidence }) => [name, confidence]));
    expect(sure.get("disk is full")).toBeGreaterThan(0.9);
    expect(sure.get("certificate expires")).toBeLessThan(0.7);
    expect(sure.get("replica one lags behind")).toBeLessThan(0.6);
  });

  it("takes anything for a line", () => {
    const hostile = oneof(
      array(integer({ min: 0, max: 0xffff }), { maxLength: 300 }).map((codes) =>
        String.fromCharCode(...codes),
      ),
      string({
        unit: constantFrom("[", "]", ":", "*", "=", "|", ".", "-", "\\", "/", "a", "1", " ", "\n"),
      }),
      constantFrom("a.".repeat(3_000), "[".repeat(3_000), "a-".repeat(3_000), "\ufffd\ufffd", '{"msg":null}'),
    );
    assert(
      property(array(hostile, { maxLength: 8 }), (texts) => {
        const lines = texts.map((text) => ({ text, at: Number.NaN }));
        expect(clustered(lines).clusters().length).toBeLessThanOrEqual(lines.length);
      }),
      { numRuns: 60 },
    );
  });
});
