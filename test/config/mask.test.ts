// A shown configuration holds no secret, and still says where things are.
import { describe, expect, it } from "vitest";
import { maskSecrets } from "../../api/config.ts";

describe("masking", () => {
  it("hides tokens, passwords, webhook paths and processes' variables", () => {
    const secret = "hunter2";
    const shown = maskSecrets({
      server: { listen: "127.0.0.1:8686", adminToken: secret },
      services: [
        { name: "db", postgres: { url: `postgres://app:${secret}@db:5432/shop?sslmode=${secret}` } },
        { name: "odd", mysql: { url: `mysql://app:p@${secret}@db/shop` } },
        { name: "a", health: [{ http: `http://u:${secret}@h/x` }] },
        { name: "p", runtime: { process: { command: "x", env: { ANY: secret } } } },
      ],
      alerts: { channels: { ops: { type: "slack", url: `https://hooks.slack.com/services/${secret}` } } },
    });
    expect(JSON.stringify(shown)).not.toContain(secret);
    expect(shown).toMatchObject({
      server: { listen: "127.0.0.1:8686", adminToken: "«secret»" },
      services: [
        { name: "db", postgres: { url: "postgres://app:«secret»@db:5432/shop?«secret»" } },
        {},
        {},
        {},
      ],
      alerts: { channels: { ops: { type: "slack", url: "https://hooks.slack.com/«secret»" } } },
    });
  });

  it("keeps an empty secret visible as empty", () => {
    expect(maskSecrets({ storage: { url: "" } })).toEqual({ storage: { url: "" } });
  });
});
