// A real web service that is killed and stopped in its tracks: what the kernel answers must lead to the right cause.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { makeEvidence } from "../../agents/evidence/make-evidence.ts";
import { shippedPlaybooks } from "../../agents/playbooks/shipped.ts";
import { makeRootCauseAnalyst } from "../../agents/root-cause-analyst.ts";
import type { Finding, FindingKind } from "../../domain/finding.ts";
import type { Service } from "../../domain/service.ts";
import { systemClock } from "../../domain/system-clock.ts";
import { makeGuardedFiles } from "../../tools/guarded-files.ts";
import { makeLinuxHost } from "../../tools/linux-host.ts";
import { noModel } from "../../tools/model.ts";
import { makeProber } from "../../tools/prober.ts";
import { makeProcessSupervisor } from "../../tools/process-supervisor.ts";
import { makeProcessTarget } from "../../tools/process-target.ts";
import { readSettings } from "../../tools/settings-reader.ts";
import type { Target } from "../../tools/target.ts";
import { finding } from "./shop-world.ts";

const SERVER = `
  const server = require("node:http").createServer((request, response) => response.end("ok"));
  server.listen(0, "127.0.0.1", () => console.log("port " + server.address().port));`;

function found(kind: FindingKind, facts: Finding["facts"]): Finding {
  const now = systemClock.now();
  return finding(kind, facts, { service: "shop", since: now, at: now });
}

describe("a real process", () => {
  let folder: string;
  let target: Target;
  let service: Service;
  let pid: number;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "opsmedic-diagnosis-"));
    const supervisor = makeProcessSupervisor({
      folder,
      clock: systemClock,
      baseEnv: { PATH: process.env["PATH"] ?? "" },
    });
    const runtime = {
      kind: "process",
      command: [process.execPath, "-e", SERVER],
      cwd: folder,
      env: {},
    } as const;
    const plain: Service = {
      name: "shop",
      runtime,
      health: [],
      metrics: [],
      logs: [],
      dependsOn: [],
      files: { root: folder, editable: [".env", "*.yaml"], afterEdit: "restart" },
      limits: { maxReplicas: 1 },
      protected: false,
      discovered: false,
    };
    target = makeProcessTarget(plain, runtime, { supervisor, clock: systemClock });
    await target.start();
    await expect.poll(portOf, { timeout: 20_000 }).toBeGreaterThan(0);
    const url = `http://127.0.0.1:${await portOf()}/`;
    service = { ...plain, health: [{ kind: "http", url, everyMs: 1_000, timeoutMs: 500, expect: {} }] };
    pid = Number((await target.state()).instance.split(":")[0]);
  });

  afterEach(async () => {
    if ((await target.state()).status !== "exited") process.kill(pid, "SIGKILL");
    await expect.poll(async () => (await target.state()).status).toBe("exited");
    rmSync(folder, { recursive: true });
  });

  async function portOf(): Promise<number> {
    const lines = await target.logs({ since: 0, limit: 10 });
    return Number(/port (\d+)/.exec(lines.map((one) => one.text).join("\n"))?.[1] ?? 0);
  }

  function evidence() {
    return makeEvidence({
      targets: { of: () => target },
      prober: makeProber({ clock: systemClock }),
      host: makeLinuxHost(),
      clock: systemClock,
      services: () => [service],
      level: () => "critical",
      window: () => [],
      filesOf: ({ files }) => files && makeGuardedFiles(files),
      history: { lastGood: () => Promise.resolve(undefined) },
      readSettings,
    });
  }

  async function diagnose(findings: Finding[]) {
    const analyst = makeRootCauseAnalyst({
      playbooks: shippedPlaybooks,
      evidence: evidence(),
      trust: () => Promise.resolve(undefined),
      service: () => service,
      targetKind: () => "process",
      model: noModel,
      clock: systemClock,
    });
    return (await analyst({ service: "shop", findings, signals: [], attempts: [] })).diagnosis;
  }

  it("that was killed has crashed", async () => {
    process.kill(pid, "SIGKILL");
    await expect.poll(async () => (await target.state()).status, { timeout: 10_000 }).toBe("exited");
    const { hypotheses } = await diagnose([found("exited", { exitCode: 137 })]);
    expect(hypotheses[0]).toMatchObject({ playbook: "process-crash", discriminated: true });
    expect(hypotheses[0]?.scoreBp).toBeGreaterThanOrEqual(8_500);
  });

  it("that was stopped in its tracks hangs: its port is open, and it says nothing", async () => {
    process.kill(pid, "SIGSTOP");
    const { hypotheses } = await diagnose([found("hung", { probe: "http", failures: 3 })]);
    const [top] = hypotheses;
    expect(top).toMatchObject({ playbook: "hang", discriminated: true });
    const verdictOf = (id: string) => top?.checks.find((one) => one.check === id)?.verdict;
    expect([verdictOf("running"), verdictOf("silent"), verdictOf("port-open")]).toEqual(
      Array(3).fill("supports"),
    );
  });

  it.each([
    [".env", "UPSTREAM_DELAY=0.8\nPORT=80\n", "UPSTREAM_DELAY"],
    ["app.yaml", "upstream:\n  delay: 800ms\n  retries: 3\n", "upstream.delay"],
  ])("has its settings read from %s by the product's own editor", async (path, content, pointer) => {
    writeFileSync(join(folder, path), content);
    const limited = found("rate-limited", { host: "api.partner.example", count: 9 });
    const scene = { service, finding: limited, findings: [limited], signals: [], now: systemClock.now() };
    const answer = await evidence().observe("setting-for", { settings: ["delay"] }, scene);
    expect(answer).toMatchObject({ status: "known", value: { path, pointer } });
    const value = answer.status === "known" ? answer.value : null;
    expect(JSON.stringify(value)).toMatch(/"to":("?1\.2"?|"1200ms")/);
  });
});
