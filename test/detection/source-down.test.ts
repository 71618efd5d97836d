// What cannot be seen: when it counts, what is said of it, and that nobody is to be healed for it.
import { describe, expect, it } from "vitest";
import { isSymptom, levelOf } from "../../domain/finding.ts";
import type { SourceSignal } from "../../domain/signal.ts";
import { detect, event, now, ok, series, state } from "./view.ts";

function source(
  name: string,
  {
    ago = 0,
    since = 60_000,
    ...parts
  }: Partial<Omit<SourceSignal, "since">> & { ago?: number; since?: number } = {},
): SourceSignal {
  const whether = parts.ok ?? false;
  return {
    kind: "source",
    service: "shop",
    at: now - ago,
    source: name,
    ok: whether,
    since: now - since,
    ...(!whether && { error: "EACCES: permission denied" }),
    ...parts,
  };
}

const well = [...series(3, 5_000, (ago) => state(ago)), ...series(3, 5_000, (ago) => ok(ago))];
const found = (...signals: Parameters<typeof detect>[0][number][]) =>
  detect([...well, ...signals]).filter((one) => one.kind === "source-down");

describe("a source that is down", () => {
  it("is one warning for all of them, with what was tried and what would help, and is no symptom", () => {
    const [finding, ...more] = found(
      source("log /srv/app.log", { hint: "Let opsmedic read it." }),
      source("state", { since: 5_000, error: "no answer from Docker at /run/docker.sock" }),
    );
    expect(more).toEqual([]);
    expect(finding).toMatchObject({ severity: "warning", since: now - 60_000 });
    expect(finding?.summary).toBe(
      "Not seen of shop: log /srv/app.log (EACCES: permission denied), state (no answer from Docker at " +
        "/run/docker.sock). It is tried again and again. Let opsmedic read it.",
    );
    expect(finding && isSymptom(finding)).toBe(false);
    expect(levelOf(finding ? [finding] : [])).toBe("warning");
  });

  it("keeps its signature while other sources join it", () => {
    const [one] = found(source("state"));
    const [both] = found(source("state"), source("log docker"));
    expect(both?.signature).toBe(one?.signature);
  });

  it("is over when it was read since", () => {
    expect(found(source("state", { ago: 5_000 }), source("state", { ok: true }))).toEqual([]);
  });

  it("counts at once where nothing can be said without it, and with patience where it comes and goes", () => {
    const fresh = { since: 0 };
    expect(found(source("state", fresh))).toHaveLength(1);
    expect(found(source("probe", fresh))).toHaveLength(1);
    expect(found(source("host", fresh), source("log docker", fresh))).toEqual([]);
    expect(found(source("host", { since: 9_999 }), source("log docker", { since: 39_999 }))).toEqual([]);
    expect(found(source("host", { since: 10_000 }))).toHaveLength(1);
    expect(found(source("log docker", { since: 40_000 }))).toHaveLength(1);
  });

  it("is no news of what does not run: that writes no log", () => {
    const gone = [event(1_000, "die", { exitCode: 1, instance: "one" }), source("log docker")];
    expect(detect([state(5_000), ok(5_000), ...gone]).map((one) => one.kind)).toEqual(["exited"]);
    const stopped = detect([state(0, { status: "exited", stoppedByOperator: true }), source("log docker")]);
    expect(stopped.map((one) => one.kind)).toEqual(["stopped-by-operator"]);
  });

  it("stays readable however much is down", () => {
    const many = Array.from({ length: 100 }, (_, index) => source(`log /srv/${index}.log`));
    const [finding] = found(...many);
    expect(finding?.summary).toContain(" and 97 more.");
    expect(finding?.facts["sources"]).toHaveLength(20);
    expect(finding?.signals).toHaveLength(20);
  });
});
