// What traces add to the suspects: dependencies that nobody declared, and the one that is slow or fails by itself
// before those who wait for it.
import { describe, expect, it } from "vitest";
import { makeCallWatch } from "../../agents/call-watch.ts";
import { makeSuspects } from "../../agents/suspects.ts";
import type { Finding, FindingKind } from "../../domain/finding.ts";
import { finding, MINUTE, NOW, service } from "./shop-world.ts";
import { type Course, traffic } from "./traced-shop.ts";

const services = ["web", "api", "db", "mail"].map((name) => service(name));
const of = (name: string, kind: FindingKind): Finding =>
  finding(kind, {}, { service: name, summary: `${name}: ${kind}`, since: NOW - 4 * MINUTE });

/** A quarter of an hour in which all is well, and five minutes of something else. */
function world(course: Course, findings: Finding[]) {
  const clock = { time: NOW - 20 * MINUTE, now: () => clock.time };
  const calls = makeCallWatch({ services: () => services, clock });
  const all = [...traffic(clock.time, 0, 15), ...traffic(clock.time, 15, 20, course)];
  for (const one of all) {
    clock.time = Math.max(clock.time, one.start + one.duration);
    calls.take([one]);
  }
  clock.time = NOW + 20_000;
  const suspects = makeSuspects({
    services: () => services,
    findings: (name) => findings.filter((one) => one.service === name),
    anomalies: () => [],
    patterns: () => [],
    calls,
    clock,
  });
  return { calls, outage: suspects.outages()[0] };
}

const named = ({ outage }: ReturnType<typeof world>) => outage?.suspects.map((one) => one.service) ?? [];

describe("suspects with traces", () => {
  it("learn who calls whom, also one without tracing, and who is hit next", () => {
    const { calls, outage } = world({}, [of("db", "exited")]);
    expect(new Set(calls.dependencies())).toEqual(
      new Set([
        { from: "api", to: "db" },
        { from: "web", to: "api" },
      ]),
    );
    expect(outage?.next.map((one) => one.service)).toEqual(["api", "web"]);
  });

  it("are led by the slow callee where only its callers show latency", () => {
    const late = [of("web", "latency"), of("api", "latency")];
    expect(named(world({ db: 900 }, late))[0]).toBe("db");
    const slow = world({ api: 900 }, late.slice(0, 1));
    expect(named(slow)[0]).toBe("api");
    expect(slow.outage?.suspects[0]?.because[0]).toMatch(/extra time is spent in it/);
    expect(named(world({ web: 900 }, late.slice(0, 1)))[0]).toBe("web");
  });

  it("are led by the one that fails by itself, not by those that fail with it", () => {
    const failing = [of("web", "error-rate"), of("api", "error-rate")];
    expect(named(world({ failing: "db" }, failing))[0]).toBe("db");
    expect(named(world({ failing: "api" }, failing))[0]).toBe("api");
    expect(named(world({ failing: "web" }, failing.slice(0, 1)))[0]).toBe("web");
  });

  it("are led by the one that is not reached any more", () => {
    expect(named(world({ silent: true }, [of("web", "error-rate")]))[0]).toBe("api");
  });

  it("are not led astray where traces show nothing, or only the outage", () => {
    expect(named(world({}, [of("web", "latency")]))[0]).toBe("web");
    expect(named(world({ web: 900, untraced: true }, [of("web", "latency")]))[0]).toBe("web");
    const { calls } = world({ db: 900 }, []);
    expect(calls.evidence(NOW - 40 * MINUTE)).toEqual([]);
  });
});
