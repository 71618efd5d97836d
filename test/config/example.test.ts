// The whole contract of opsmedic.example.yaml is accepted, and says in numbers what it says in words.
import { modelText } from "../../api/config/model-settings.ts";
import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Config, configFromObject, maskSecrets, parseConfig } from "../../api/config.ts";
import { pulledSource } from "../../tools/log-sources/pulled-source.ts";
import { fakeClock } from "../fakes/clock.ts";

const text = readFileSync(new URL("../../opsmedic.example.yaml", import.meta.url), "utf8");
const variables = {
  ORDERS_DB_URL: "postgres://healer:s3cret@127.0.0.1/orders",
  NEW_RELIC_KEY: "NRAK-1",
  LOGS_MONGO_URL: "mongodb://ann:hunter2@a:27017,b:27017/logs?replicaSet=rs",
  LOKI_TOKEN: "loki-token",
  ES_KEY: "es-key",
  OS_PASSWORD: "p@ss/word",
  SLACK_WEBHOOK_URL: "https://hooks.slack.com/services/T/B/x",
  TEAMS_WEBHOOK_URL: "https://teams.example.com/x",
  SMTP_URL: "smtp://user:pass@127.0.0.1:25",
  PD_KEY: "key",
  HOOK_SECRET: "whsec_1",
};

let folder = "";
let config: Config;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "opsmedic-config-"));
  await writeFile(join(folder, "seq"), "seq-key\n", { mode: 0o600 });
  const here = text.replace("file:/run/secrets/seq", `file:${folder}/seq`);
  config = parseConfig(here, { file: null, shown: "opsmedic.yaml", baseDir: "/srv/shop", variables });
});
afterAll(() => rm(folder, { recursive: true }));

describe("the example configuration", () => {
  it("gives the users' rules about log lines", () => {
    expect(config.logRules).toEqual([
      {
        name: "card-declined",
        match: "(?i)card (was )?declined",
        service: "checkout",
        level: "warn",
        severity: "warning",
        lines: 20,
        withinMs: 300_000,
        hint: "The bank is turning cards down: https://status.bank.example",
      },
    ]);
  });

  it("gives services in milliseconds, bytes and absolute paths", () => {
    expect(config.services.map(({ name }) => name)).toEqual([
      "checkout",
      "orders-db",
      "cache",
      "legacy",
      "partner-api",
    ]);
    expect(config.services[0]).toEqual({
      name: "checkout",
      cleanUp: [
        {
          kind: "logs",
          root: "/srv/shop/checkout/logs",
          glob: "*.log*",
          olderThanMs: 86_400_000,
          largerThanBytes: 1_073_741_824,
        },
        { kind: "temporary", root: "/srv/shop/checkout/tmp", glob: "**", olderThanMs: 604_800_000 },
      ],
      cleanUpImages: { olderThanMs: 2_592_000_000, label: "com.example.shop" },
      cleanUpContainers: { olderThanMs: 2_592_000_000, label: "com.example.job" },
      runtime: { kind: "docker", container: "checkout" },
      health: [
        {
          kind: "http",
          url: "http://127.0.0.1:8081/healthz",
          everyMs: 5_000,
          timeoutMs: 2_000,
          expect: { status: 200, maxMs: 5_000 },
        },
        { kind: "tcp", host: "127.0.0.1", port: 8081, everyMs: 5_000, timeoutMs: 2_000, expect: {} },
      ],
      metrics: [{ prometheus: "http://127.0.0.1:8081/metrics" }],
      logs: [{ kind: "runtime" }, { kind: "file", glob: "/srv/shop/checkout/logs/*.log" }],
      dependsOn: ["orders-db", "cache"],
      files: { root: "/srv/shop/checkout", editable: ["config/**", ".env"], afterEdit: "restart" },
      limits: { maxReplicas: 3, maxMemoryBytes: 1_073_741_824 },
      mode: "auto",
      impact: { revenuePerMinute: 120, currency: "EUR", users: 400 },
      protected: false,
      discovered: false,
    });
  });

  it("reads variables and secret files", () => {
    expect(config.services[1]?.database).toEqual({
      kind: "postgres",
      url: variables.ORDERS_DB_URL,
      protectRoles: ["replicator"],
      terminateIdleInTransactionAfterMs: 60_000,
      migrations: { root: "/srv/shop/orders/db/migrations", glob: "*.sql", role: "orders" },
    });
    expect(config.raw.logs[1]).toMatchObject({ type: "seq", apiKey: "seq-key" });
  });

  it("gives the policy of its healing part", () => {
    expect(config.policy).toEqual({
      mode: "auto",
      paused: false,
      gate: { allowBp: 8_500, askBp: 6_000 },
      validate: { forMs: 120_000, maxErrorIncrease: 0.2 },
      breaker: { attempts: 3, withinMs: 300_000, cooldownMs: 120_000, symptomReturnsMs: 1_800_000 },
      never: [{ service: "orders-db", action: "docker.*" }],
      windows: [
        {
          text: "Fri 16:00-Mon 08:00",
          timezone: "Europe/Berlin",
          startMinute: 4 * 1_440 + 960,
          endMinute: 480,
        },
      ],
      autonomy: { grant: "given", least: 10, boundBp: 7_000 },
      approvals: { expireMs: 1_800_000, twoPersons: ["high"] },
      maxBlastServices: 3,
      backupsKeepMs: 30 * 86_400_000,
      thresholds: {
        cpu: 0.9,
        memory: 0.9,
        disk: 0.95,
        errorRate: 0.2,
        cacheHitRate: 0.8,
        latencyMs: 5_000,
        queryTimeMs: 100,
      },
    });
  });

  it("stays embedded where no address is given, in the folder beside the file", () => {
    expect(config).toMatchObject({
      server: { host: "127.0.0.1", port: 8686, publicUrl: "http://127.0.0.1:8686" },
      storage: {},
      queue: {},
      dataDir: "/srv/shop/.opsmedic",
      discover: { dockerLabel: "opsmedic.enable" },
      healing: { everyMs: 300_000, watchMs: 5_000 },
      retention: { incidentsMs: 180 * 86_400_000, cleanupEveryMs: 86_400_000 },
    });
    expect(config.server).not.toHaveProperty("adminToken");
  });

  it("gives the log sources of every kind, each with a name that holds no secret", () => {
    const { pulled, syslog } = config.logs;
    expect(pulled.map(({ name }) => name)).toEqual([
      "newrelic 123 service = 'checkout'",
      "seq seq:5341 signal-1 @Level = 'Error'",
      "mongodb a:27017,b:27017 app.logs",
      'loki loki:3100 shop {app="checkout"}',
      "elasticsearch es:9200 logs-* log.level:error",
      "opensearch os:9200 app-*",
    ]);
    expect(pulled.map(({ entry }) => pulledSource(entry, fakeClock()).name)).toEqual(
      pulled.map(({ name }) => name),
    );
    expect(pulled.map(({ everyMs }) => everyMs)).toEqual([30_000, 5_000, 5_000, 5_000, 10_000, 5_000]);
    expect(pulled[2]?.entry).toMatchObject({ mode: "changeStream", timeField: "at" });
    expect(pulled[3]?.entry).toMatchObject({ serviceField: "app", token: "loki-token" });
    expect(pulled[5]).toMatchObject({
      lookBackMs: 3_600_000,
      entry: { url: "https://opsmedic:p%40ss%2Fword@os:9200/", timeField: "@timestamp" },
    });
    expect(syslog).toEqual([
      { name: "syslog udp://127.0.0.1:5514", listen: "udp://127.0.0.1:5514", service: "legacy" },
    ]);
  });

  it("shows no secret of a log source", () => {
    const shown = JSON.stringify(maskSecrets(config.raw.logs));
    for (const secret of ["NRAK-1", "seq-key", "hunter2", "loki-token", "es-key", "p@ss"])
      expect(shown).not.toContain(secret);
    expect(shown).toContain("mongodb://ann:«secret»@a:27017,b:27017/logs");
  });

  it("says which parts are not active yet", () => {
    expect(config.warnings.map((line) => line.split(":", 1)[0])).toEqual(["alerts"]);
  });

  it("reads what a model may cost, and knows every secret by its value", () => {
    const { model, warnings } = configFromObject(
      {
        services: [
          {
            name: "db",
            runtime: { process: { command: "db", env: { DB_PASSWORD: "env-secret", PORT: "5432" } } },
            postgres: { url: "postgres://shop:p%40ss-word@db:5432/shop" },
          },
        ],
        server: { adminToken: "admin-token-of-16" },
        model: {
          provider: "openai",
          model: "small",
          apiKey: "key-of-model",
          price: { inputPerMillion: 1, outputPerMillion: 2 },
          budget: { timePerRun: "20s", costPerDay: 1.5 },
        },
      },
      { baseDir: "/srv/shop" },
    );
    expect(warnings).toEqual([]);
    expect(model).toMatchObject({
      perCallMs: 15_000,
      perRun: { calls: 20, tokens: 40_000, ms: 20_000 },
      perDay: { costMicros: 1_500_000 },
      price: { input: 1, output: 2 },
    });
    expect(model.secrets.toSorted()).toEqual([
      "admin-token-of-16",
      "env-secret",
      "key-of-model",
      "p%40ss-word",
      "p@ss-word",
    ]);
    expect(modelText(model)).toBe("openai small");
  });

  it("reads how long each kind is kept", () => {
    const { retention, warnings } = configFromObject(
      { services: [], retention: { incidents: "90d", metrics: "7d", logs: "14d", cleanupEvery: "6h" } },
      { baseDir: "/srv/shop" },
    );
    const day = 86_400_000;
    expect(retention).toEqual({
      incidentsMs: 90 * day,
      metricsMs: 7 * day,
      logsMs: 14 * day,
      cleanupEveryMs: day / 4,
    });
    expect(warnings).toEqual([]);
  });

  it("names the defaults: the smallest configuration has the same policy but for its own rules", () => {
    const smallest = parseConfig("services: []\n", {
      file: null,
      shown: "x",
      baseDir: "/srv/shop",
      variables: {},
    });
    expect({ ...smallest.policy, never: [], windows: [] }).toEqual({
      ...config.policy,
      never: [],
      windows: [],
    });
    expect(smallest.raw.retention).toEqual(config.raw.retention);
    expect(smallest.healing).toEqual(config.healing);
  });
});
