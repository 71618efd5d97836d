// What the clusters get to see of a flood: few lines to place, all of them counted, no secret.
import { expect, it } from "vitest";
import { makeClusterFeed } from "../../agents/cluster-feed.ts";
import type { LogSignal } from "../../domain/signal.ts";
import { type ErrorLine, makeErrorClusters } from "../../signals/clusters/clusters.ts";

function line(text: string, level: LogSignal["level"] = "error"): LogSignal {
  return { kind: "log", service: "shop", at: 5, level, source: "docker", text };
}

function feedInto() {
  const clusters = makeErrorClusters();
  const placed: ErrorLine[] = [];
  const add = (one: ErrorLine): string | undefined => {
    placed.push(one);
    return clusters.add(one);
  };
  return { clusters, placed, feed: makeClusterFeed({ add }) };
}

it("counts every line of a flood and places few of them", () => {
  const { clusters, placed, feed } = feedInto();
  for (let n = 0; n < 1_000; n += 1) feed.note(line(`lost order ${n} of customer c-${n}`), "p1");
  feed.note(line("up", "info"), "p2");
  feed.flush();
  expect(clusters.clusters()).toMatchObject([{ lines: 1_000 }]);
  expect(placed.length).toBeLessThan(20);
  feed.flush();
  expect(clusters.clusters()).toMatchObject([{ lines: 1_000 }]);
});

it("counts every line where each has a pattern of its own", () => {
  const { placed, feed } = feedInto();
  for (let n = 0; n < 6_000; n += 1) feed.note(line("the same"), `p${n}`);
  feed.flush();
  expect(placed.reduce((sum, { lines = 1 }) => sum + lines, 0)).toBe(6_000);
});

it("shows them no secret, placed or only counted", () => {
  const { placed, feed } = feedInto();
  for (let n = 0; n < 20; n += 1) feed.note(line("login failed: password=hunter2"), "p1");
  feed.flush();
  expect(JSON.stringify(placed)).not.toContain("hunter2");
});
