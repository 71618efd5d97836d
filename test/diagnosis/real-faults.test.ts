// Failures that are made for real, with the kernel's, the resolver's and OpenSSL's own answers: the right cause must win
// over its likeliest rival, and be sure only where something that was measured says so.
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { createServer as createTlsServer } from "node:https";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { makeEvidence } from "../../agents/evidence/make-evidence.ts";
import { shippedPlaybooks } from "../../agents/playbooks/shipped.ts";
import { makeRootCauseAnalyst } from "../../agents/root-cause-analyst.ts";
import type { Finding, FindingKind } from "../../domain/finding.ts";
import type { Service } from "../../domain/service.ts";
import type { LogSignal, Signal } from "../../domain/signal.ts";
import { systemClock } from "../../domain/system-clock.ts";
import { makeGuardedFiles } from "../../tools/guarded-files.ts";
import { makeLinuxHost } from "../../tools/linux-host.ts";
import { makeLinuxMachine } from "../../tools/linux-machine.ts";
import { noModel } from "../../tools/model.ts";
import { makeProber } from "../../tools/prober.ts";
import { makeProcessSupervisor } from "../../tools/process-supervisor.ts";
import { makeProcessTarget } from "../../tools/process-target.ts";
import { readSettings } from "../../tools/settings-reader.ts";
import { makeSystemNetwork } from "../../tools/system-network.ts";
import { ALLOW_FLOOR_BP } from "../../domain/policy.ts";
import { finding } from "./shop-world.ts";

const isRoot = process.getuid?.() === 0;
let folder: string;
const cleanUp: (() => unknown)[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "opsmedic-faults-"));
});
afterEach(async () => {
  for (const undo of cleanUp.splice(0).reverse()) await undo();
  rmSync(folder, { recursive: true, force: true });
});

interface Made {
  command: string[];
  change?: Partial<Service>;
  /** What else goes on around it. */
  signals?: Signal[];
  others?: Service[];
}

/** Starts a program as the product does, and waits for a line of it or for its end. */
async function start({ command, change = {}, signals = [], others = [] }: Made) {
  const supervisor = makeProcessSupervisor({
    folder: join(folder, "processes"),
    clock: systemClock,
    baseEnv: { PATH: process.env["PATH"] ?? "" },
    graceMs: 100,
  });
  const runtime = { kind: "process", command, cwd: folder, env: {} } as const;
  const service: Service = {
    name: "shop",
    runtime,
    health: [],
    metrics: [],
    logs: [],
    dependsOn: [],
    limits: { maxReplicas: 1 },
    protected: false,
    discovered: false,
    ...change,
  };
  const target = makeProcessTarget(service, runtime, { supervisor, clock: systemClock });
  cleanUp.push(() => supervisor.stop("shop"));
  await target.start();
  const said = async () => (await target.logs({ since: 0, limit: 50 })).map((one) => one.text);
  await expect
    .poll(async () => (await said()).includes("ready") || (await target.state()).status !== "running", {
      timeout: 20_000,
    })
    .toBe(true);

  async function diagnose(kind: FindingKind, of: Service = service, more: Signal[] = signals) {
    const now = systemClock.now();
    const lines = (await said()).map(
      (text): LogSignal => ({
        kind: "log",
        service: "shop",
        at: now,
        level: "error",
        text,
        source: "process",
      }),
    );
    const found: Finding = finding(kind, {}, { service: of.name, since: now, at: now });
    const services = [service, ...others];
    const evidence = makeEvidence({
      targets: { of: (name) => (name === "shop" ? target : undefined) },
      prober: makeProber({ clock: systemClock }),
      host: makeLinuxHost(),
      machine: makeLinuxMachine(),
      network: makeSystemNetwork(),
      clock: systemClock,
      services: () => services,
      level: () => "critical",
      window: () => [],
      filesOf: ({ files }) => files && makeGuardedFiles(files),
      history: { lastGood: () => Promise.resolve(undefined) },
      readSettings,
    });
    const analyst = makeRootCauseAnalyst({
      playbooks: shippedPlaybooks,
      evidence,
      trust: () => Promise.resolve(undefined),
      service: (name) => services.find((one) => one.name === name),
      targetKind: () => "process",
      model: noModel,
      clock: systemClock,
    });
    const { diagnosis } = await analyst({
      service: of.name,
      findings: [found],
      signals: [...lines, ...more],
      attempts: [],
    });
    return diagnosis.hypotheses;
  }
  return { service, target, diagnose };
}

const node = (program: string): string[] => [process.execPath, "-e", program];
const READY = `setTimeout(() => console.log("ready"), 1); setInterval(() => {}, 1000);`;
const onPort = (port: number, host = "127.0.0.1"): Partial<Service> => ({
  health: [{ kind: "http", url: `http://${host}:${port}/`, everyMs: 1_000, timeoutMs: 500, expect: {} }],
});

async function listening<S extends Server>(server: S): Promise<{ server: S; port: number }> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanUp.push(() => new Promise((resolve) => server.close(resolve)));
  return { server, port: (server.address() as { port: number }).port };
}

/** The first named cause wins, is sure, and the rival is not. */
function wins(
  hypotheses: Awaited<ReturnType<Awaited<ReturnType<typeof start>>["diagnose"]>>,
  playbook: string,
  rival: string,
): void {
  const [top] = hypotheses;
  expect(top).toMatchObject({ playbook, discriminated: true });
  expect(top?.scoreBp).toBeGreaterThanOrEqual(ALLOW_FLOOR_BP);
  expect(hypotheses.find((one) => one.playbook === rival)?.scoreBp ?? 0).toBeLessThan(ALLOW_FLOOR_BP);
}

describe("a program that does not come up", () => {
  it("finds its port held by another process", async () => {
    const { port } = await listening(createServer());
    const shop = await start({
      command: node(`require("node:http").createServer().listen(${port}, "127.0.0.1")`),
      change: onPort(port),
    });
    const hypotheses = await shop.diagnose("exited");
    wins(hypotheses, "port-taken", "process-crash");
    expect(hypotheses[0]?.cause).toContain(`(process ${process.pid})`);
  });

  it("asks for a variable that it does not have", async () => {
    const shop = await start({
      command: node(
        `if (!process.env.SHOP_KEY) { console.error("environment variable SHOP_KEY is not set"); process.exit(1); }`,
      ),
    });
    const hypotheses = await shop.diagnose("exited");
    wins(hypotheses, "missing-variable", "process-crash");
    expect(hypotheses[0]?.cause).toContain("SHOP_KEY");
  });

  it("says the same words though it has the variable: then they prove nothing", async () => {
    const script = join(folder, "says-so.js");
    writeFileSync(script, `console.error("environment variable PATH is not set"); process.exit(1);`);
    utimesSync(script, new Date(0), new Date(0));
    const shop = await start({ command: [process.execPath, script] });
    const hypotheses = await shop.diagnose("exited");
    expect(hypotheses[0]?.playbook).toBe("process-crash");
    expect(hypotheses.find((one) => one.playbook === "missing-variable")?.scoreBp).toBeLessThan(6_000);
  });

  it("is no program at all", async () => {
    const shop = await start({ command: [join(folder, "no-such-program")] });
    wins(await shop.diagnose("exited"), "bad-command", "process-crash");
  });

  it("is a file that cannot be executed", async () => {
    writeFileSync(join(folder, "shop.sh"), "#!/bin/sh\n");
    chmodSync(join(folder, "shop.sh"), 0o644);
    const shop = await start({ command: [join(folder, "shop.sh")] });
    const hypotheses = await shop.diagnose("exited");
    wins(hypotheses, "bad-command", "process-crash");
    expect(hypotheses[0]?.cause).toContain("126");
  });

  it("was written a moment ago and throws", async () => {
    writeFileSync(join(folder, "shop.js"), `throw new TypeError("cart.total is not a function");`);
    const shop = await start({ command: [process.execPath, "shop.js"] });
    const hypotheses = await shop.diagnose("exited");
    wins(hypotheses, "crash-after-deploy", "process-crash");
    expect(hypotheses[0]?.cause).toContain("shop.js");
  });

  it("cannot read its settings, and none is known to have been better", async () => {
    writeFileSync(join(folder, "app.json"), '{"port": 8080,, }');
    const shop = await start({
      command: node(`JSON.parse(require("node:fs").readFileSync("app.json", "utf8"))`),
      change: { files: { root: folder, editable: ["*.json"], afterEdit: "restart" } },
    });
    const [top] = await shop.diagnose("exited");
    expect(top).toMatchObject({ playbook: "unreadable-settings", discriminated: true });
    expect(top?.cause).toContain("app.json");
  });

  it("breaks in native code", async () => {
    const shop = await start({ command: node(`process.kill(process.pid, "SIGSEGV")`) });
    const [top] = await shop.diagnose("exited");
    expect(top).toMatchObject({ playbook: "native-crash", discriminated: true });
    expect(top?.scoreBp).toBeGreaterThanOrEqual(ALLOW_FLOOR_BP);
  });
});

describe("a program that runs", () => {
  it("has no file descriptors left", async () => {
    const program = `const fs = require("node:fs"); const open = [];
      try { for (;;) open.push(fs.openSync("/dev/null")); } catch (error) { console.error(String(error)); }
      console.log("ready"); setInterval(() => open, 1000);`;
    const shop = await start({ command: ["sh", "-c", 'ulimit -n 96; exec "$0" "$@"', ...node(program)] });
    const hypotheses = await shop.diagnose("open-files");
    wins(hypotheses, "file-descriptors-exhausted", "degraded-process");
    expect(hypotheses[0]?.cause).toMatch(/of 96 files/);
  });

  it("forgets the connections that others have closed", async () => {
    const program = `const net = require("node:net");
      const held = []; const server = net.createServer({ allowHalfOpen: true }, (one) => held.push(one));
      server.listen(0, "127.0.0.1", () => { const { port } = server.address(); let left = 60;
        for (let n = 0; n < 60; n += 1) net.connect(port, "127.0.0.1", function () { this.destroy(); if (--left === 0) setTimeout(() => console.log("ready"), 100); }); });`;
    const shop = await start({ command: node(program) });
    const hypotheses = await shop.diagnose("error-rate");
    wins(hypotheses, "connection-leak", "degraded-process");
  });

  it("does not collect its children", async () => {
    const shop = await start({
      // Who becomes another program keeps its children, and the new one does not know of them.
      command: [
        "sh",
        "-c",
        'i=0; while [ $i -lt 60 ]; do sleep 0.2 & i=$((i+1)); done; exec "$0" "$@"',
        ...node(`setTimeout(() => console.log("ready"), 600); setInterval(() => {}, 1000);`),
      ],
    });
    const hypotheses = await shop.diagnose("zombies");
    wins(hypotheses, "child-leak", "degraded-process");
  });

  it("needs a host that has no address", async () => {
    const other: Service = {
      name: "partner",
      health: [{ kind: "http", url: "http://nobody.invalid/", everyMs: 1_000, timeoutMs: 500, expect: {} }],
      metrics: [],
      logs: [],
      dependsOn: [],
      limits: { maxReplicas: 1 },
      protected: false,
      discovered: false,
    };
    const shop = await start({
      command: node(`console.error("getaddrinfo ENOTFOUND nobody.invalid"); ${READY}`),
      change: { dependsOn: ["partner"] },
      others: [other],
    });
    wins(await shop.diagnose("error-rate"), "dns-failure", "outside-service-down");
  });

  it("has a setting that leads nowhere", async () => {
    const { server, port } = await listening(createServer());
    await new Promise((resolve) => server.close(resolve)); // now it is a port where nobody is
    writeFileSync(join(folder, "app.json"), JSON.stringify({ queue: `redis://127.0.0.1:${port}` }));
    const shop = await start({
      command: node(`console.error("connect ECONNREFUSED 127.0.0.1:${port}"); ${READY}`),
      change: { files: { root: folder, editable: ["*.json"], afterEdit: "restart" } },
    });
    const hypotheses = await shop.diagnose("log-errors");
    wins(hypotheses, "wrong-address", "degraded-process");
    expect(hypotheses[0]?.cause).toContain(`queue in app.json names 127.0.0.1:${port}`);
  });

  it("shows a certificate that has ended", async () => {
    const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
    const request = join(folder, "request.pem");
    const made = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=localhost".split(" ");
    execFileSync("openssl", ["req", "-new", ...made, "-keyout", key, "-out", request], { stdio: "ignore" });
    const signed = ["-in", request, "-signkey", key, "-out", cert, "-days", "-1"];
    execFileSync("openssl", ["x509", "-req", ...signed], { stdio: "ignore" });
    const tls = createTlsServer({ key: readFileSync(key), cert: readFileSync(cert) }, (_q, answer) =>
      answer.end(),
    );
    const { port } = await listening(tls);
    const shop = await start({
      command: node(READY),
      change: {
        health: [
          { kind: "http", url: `https://localhost:${port}/`, everyMs: 1_000, timeoutMs: 1_000, expect: {} },
        ],
      },
    });
    wins(await shop.diagnose("unreachable"), "certificate-expired", "degraded-process");
  });
});

const mounts = isRoot && spawnSync("mount", ["--version"]).status === 0;

function mounted(options: string): string {
  const place = join(folder, "data");
  mkdirSync(place);
  const made = spawnSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", place]);
  if (made.status !== 0) return "";
  cleanUp.push(() => spawnSync("umount", ["-l", place]));
  return place;
}
const keeping = (root: string): Partial<Service> => ({
  files: { root, editable: ["*.json"], afterEdit: "restart" },
});

describe.skipIf(!mounts)("a file system of its own", () => {
  it.each([
    ["is full", "size=1m", "volume-full", "ENOSPC: no space left on device, write"],
    ["can only be read", "size=1m", "read-only-file-system", "EROFS: read-only file system, open"],
    [
      "has no file entries left",
      "size=4m,nr_inodes=16",
      "inodes-exhausted",
      "ENOSPC: no space left on device, open",
    ],
  ])("that %s", async (_what, options, playbook, line) => {
    const place = mounted(options);
    if (place === "") return; // a container that may not mount shows it in recorded windows only
    if (playbook === "volume-full") spawnSync("dd", ["if=/dev/zero", `of=${place}/big`, "bs=64k"]);
    if (playbook === "read-only-file-system") spawnSync("mount", ["-o", "remount,ro", place]);
    if (playbook === "inodes-exhausted") {
      spawnSync("sh", ["-c", `i=0; while [ $i -lt 20 ]; do : > "${place}/$i" || break; i=$((i+1)); done`]);
    }
    const shop = await start({ command: node(`console.error("${line}"); ${READY}`), change: keeping(place) });
    wins(await shop.diagnose("log-errors"), playbook, "degraded-process");
  });

  it("whose files belong to somebody else", async () => {
    writeFileSync(join(folder, "app.json"), "{}");
    chmodSync(join(folder, "app.json"), 0o600);
    chmodSync(folder, 0o755);
    const setpriv = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
    const shop = await start({
      command: [...setpriv, ...node(`console.error("EACCES: permission denied, open 'app.json'"); ${READY}`)],
      change: { files: { root: folder, editable: ["*.json"], afterEdit: "restart" } },
    });
    wins(await shop.diagnose("log-errors"), "permission-denied", "degraded-process");
  });
});
