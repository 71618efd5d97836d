// Secrets as they really stand in log lines, and lines that look alike and must stay as they are.
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SECRET_MARK, withoutSecrets, withoutSecretsIn } from "../../domain/mask-secrets.ts";

const jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P";
const key = `-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA7\nabc=\n-----END RSA PRIVATE KEY-----`;

/** line, and what of it must not be left */
const secrets: [string, string][] = [
  ["GET /x Authorization: Bearer abc.def-123", "abc.def-123"],
  ["authorization: Basic dXNlcjpwYXNz", "dXNlcjpwYXNz"],
  ['{"headers":{"Authorization":"ApiKey VnVhQ2ZHY0JDZGJrUW0"}}', "VnVhQ2ZHY0JDZGJrUW0"],
  ["Authorization: AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/x, Signature=fe5f80", "fe5f80"],
  ["sent bearer 0123456789abcdef to peer", "0123456789abcdef"],
  ["Cookie: session=8f7a6b; theme=dark", "8f7a6b"],
  ["Set-Cookie: sid=s%3A123; Path=/; HttpOnly", "s%3A123"],
  ["connect postgres://app:hunter2@db:5432/shop failed", "hunter2"],
  ["connect mysql://root:p@ss@db/shop", "p@ss"],
  ["connect redis://:s3cret@cache:6379", "s3cret"],
  ["amqp://u:pa/ss@mq:5672 refused", "pa/ss"],
  ["clone https://abcdef0123456789abcdef@github.com/x/y", "abcdef0123456789abcdef"],
  ["DB_PASSWORD=hunter2 DB_HOST=db", "hunter2"],
  ["password: hunter2", "hunter2"],
  ["PGPASSWORD='two words' psql", "two words"],
  ['{"user":"ann","password":"hun\\"ter2","ok":true}', "ter2"],
  ['{"msg":"{\\"clientSecret\\":\\"abc123\\",\\"a\\":1}"}', "abc123"],
  ["{'api_key': 'zzz', 'x': 1}", "zzz"],
  ["GET /cb?access_token=abc&state=1", "abc"],
  ["GET /cb?token=abcdef&state=1", "abcdef"],
  ["x-api-key: 12345", "12345"],
  [':secret=>"abc", :id=>1', "abc"],
  ["token: 9f8e7d6c5b4a39281706", "9f8e7d6c5b4a39281706"],
  ["mysqldump --password hunter2 shop", "hunter2"],
  ["CREATE USER a IDENTIFIED BY 'hun''ter2'", "ter2"],
  ["ALTER ROLE app PASSWORD 'hunter2'", "hunter2"],
  ["aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "wJalrXUtnFEMI"],
  ["using AKIAIOSFODNN7EXAMPLE", "AKIAIOSFODNN7EXAMPLE"],
  ["DefaultEndpointsProtocol=https;AccountName=x;AccountKey=abc+def==;EndpointSuffix=y", "abc+def"],
  [`user ${jwt} rejected`, "eyJ"],
  [`loaded ${key} done`, "MIIEow"],
  ["cut -----BEGIN PRIVATE KEY-----\nMIIEow", "MIIEow"],
  ["push with ghp_abcdefghijklmnopqrstuvwxyz0123456789", "ghp_abc"],
  ["slack xoxb-123456789012-abcdef", "xoxb"],
  ["key sk-proj-abcdefghijklmnopqrstuv", "sk-proj"],
  ["newrelic NRAK-ABCDEFGHIJKLMNOPQRSTUVWXYZA", "NRAK"],
  ["post https://hooks.slack.com/services/T0/B0/xyz", "xyz"],
];

const harmless = [
  "SyntaxError: Unexpected token: else",
  "Invalid token: unexpected end of input",
  'password authentication failed for user "app"',
  "bearer authentication failed",
  "Basic authentication is required",
  "max_tokens=4096 completion_tokens=12",
  "GET http://host:8080/a@b 200",
  "see https://example.com/docs#secrets",
  "request 3f2504e0-4f89-11d3-9a0c-0305e82c3301 took 12 ms",
  "commit da49091f8f1d0c4fdd0a6a7e2d2b6b2b8a6f1c2d deployed",
  "password=null token=undefined",
  '{"level":"error","msg":"connection refused","port":5432}',
  "postgres://app@db:5432/shop",
  "ssh://git@github.com/x",
];

describe("withoutSecrets", () => {
  it.each(secrets)("takes the secret out of: %s", (line, secret) => {
    const masked = withoutSecrets(line);
    expect(masked).not.toContain(secret);
    expect(masked).toContain(SECRET_MARK);
  });

  it.each(secrets)("takes it out in the middle of others' words: %s", (line, secret) => {
    expect(withoutSecrets(`12:00:01 INFO worker-3 - took 5 ms (${line}) and 7 rows`)).not.toContain(secret);
  });

  it.each(harmless)("leaves alone: %s", (line) => {
    expect(withoutSecrets(line)).toBe(line);
  });

  it("keeps what stands around it", () => {
    expect(withoutSecrets("GET /cb?access_token=abc&state=1 200")).toBe(
      `GET /cb?access_token=${SECRET_MARK}&state=1 200`,
    );
    expect(withoutSecrets("connect postgres://app:x@db:5432/shop")).toBe(
      `connect postgres://app:${SECRET_MARK}@db:5432/shop`,
    );
    expect(withoutSecrets('{"user":"ann","password":"x","ok":true}')).toBe(
      `{"user":"ann","password":"${SECRET_MARK}","ok":true}`,
    );
  });

  it("masks twice what it masked once, whatever the text", () => {
    const word = fc.constantFrom(
      ...secrets.map(([line]) => line),
      ...harmless,
      "=",
      ":",
      '"',
      "'",
      "\\",
      "@",
      " ",
    );
    const text = fc.array(fc.oneof(word, fc.string({ maxLength: 12 })), { maxLength: 8 });
    fc.assert(
      fc.property(text, (parts) => {
        const once = withoutSecrets(parts.join(" "));
        expect(withoutSecrets(once)).toBe(once);
      }),
    );
  });

  it.each([
    "a".repeat(64_000),
    "password".repeat(8_000),
    `"password":"`.repeat(4_000),
    "://a:".repeat(12_000),
  ])("ends on lines that were written to hurt", (line) => {
    expect(typeof withoutSecrets(line)).toBe("string");
  });
});

describe("withoutSecretsIn", () => {
  it("hides values under secret names, at any depth, and searches all other texts", () => {
    expect(
      withoutSecretsIn({
        user: "ann",
        db: { password: "x", port: 5432, url: "redis://:pw@cache" },
        tokens: 12,
        apiKey: 42,
        list: [{ access_token: "abc" }],
        token: null,
      }),
    ).toEqual({
      user: "ann",
      db: { password: SECRET_MARK, port: 5432, url: `redis://:${SECRET_MARK}@cache` },
      tokens: 12,
      apiKey: SECRET_MARK,
      list: [{ access_token: SECRET_MARK }],
      token: null,
    });
  });
});
