// A whole server is killed (SIGKILL) while logs are posted to it: every line of every request that was answered 202 is
// counted after its next start, once, and what was not answered can be sent again.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { z } from "zod";

const PROGRAM = fileURLToPath(new URL("../../bin/opsmedic.js", import.meta.url));
const TOKEN = "only-for-this-test-and-long-enough";
const SENDERS = 4;
const LINES = 300;
const ANSWERS_BEFORE_THE_KILL = 12;
const patient = { timeout: 100_000, interval: 500 };

const pageSchema = z.object({
  patterns: z.array(z.object({ service: z.string(), lines: z.number() })),
  next_cursor: z.string().nullable(),
});

async function serve(folder: string) {
  const child = spawn(process.execPath, [PROGRAM, "serve", "--config", join(folder, "opsmedic.yaml")], {
    cwd: folder,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const url = await greeting(child);
  const headers = { authorization: `Bearer ${TOKEN}` };
  return {
    post: (body: string) => fetch(`${url}/api/logs`, { method: "POST", headers, body }),
    /** Of each service all that was counted. */
    async counted(): Promise<Map<string, number>> {
      const counts = new Map<string, number>();
      for (let cursor: string | null = ""; cursor !== null; ) {
        const query = `limit=500${cursor && `&cursor=${encodeURIComponent(cursor)}`}`;
        const answer = await fetch(`${url}/api/patterns?${query}`, { headers });
        const page = pageSchema.parse(await answer.json());
        for (const { service, lines } of page.patterns)
          counts.set(service, lines + (counts.get(service) ?? 0));
        cursor = page.next_cursor;
      }
      return counts;
    },
    async end(): Promise<void> {
      const ended = once(child, "exit");
      child.kill("SIGKILL");
      await ended;
    },
  };
}

async function greeting({ stdout }: ChildProcess): Promise<string> {
  if (stdout === null) throw new Error("it has no output");
  for await (const line of createInterface({ input: stdout })) {
    const url = /^opsmedic is up: (\S+)/.exec(line)?.[1];
    if (url === undefined) continue;
    stdout.resume();
    return url;
  }
  throw new Error("it ended before it was up");
}

/** Each request has a service of its own, so that it can be counted. */
function bodyOf(service: string): string {
  const timestamp = Date.now();
  const lines = Array.from({ length: LINES }, (_, n) => ({
    service,
    timestamp,
    level: n % 50 === 0 ? "error" : "info",
    message: `took order ${n} in ${n % 7} ms`,
  }));
  return lines.map((one) => JSON.stringify(one)).join("\n");
}

/** Those of which not each line is counted, and how many are. */
function uncounted(counts: ReadonlyMap<string, number>, services: Iterable<string>): string[] {
  return [...services]
    .filter((service) => (counts.get(service) ?? 0) < LINES)
    .map((service) => `${service}: ${counts.get(service)}`);
}

it("a kill in the midst of posted logs loses nothing that was answered, and nothing is counted twice", {
  timeout: 300_000,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), "opsmedic-killed-"));
  const config = {
    version: 1,
    dataDir: ".opsmedic",
    server: { listen: "127.0.0.1:0", adminToken: TOKEN },
    discover: { docker: false },
    services: [{ name: "shop" }],
  };
  writeFileSync(join(folder, "opsmedic.yaml"), JSON.stringify(config)); // JSON is YAML
  const first = await serve(folder);
  const answered = new Set<string>();
  const unanswered = new Map<string, string>();
  let killed: Promise<void> | undefined;

  async function send(sender: number): Promise<void> {
    for (let post = 0; killed === undefined; post += 1) {
      const service = `sender-${sender}-post-${post}`;
      const body = bodyOf(service);
      unanswered.set(service, body);
      const answer = await first.post(body).catch(() => undefined);
      if (answer?.status !== 202) continue;
      unanswered.delete(service);
      answered.add(service);
      if (answered.size >= ANSWERS_BEFORE_THE_KILL) killed ??= first.end();
    }
  }
  await Promise.all(Array.from({ length: SENDERS }, (_, sender) => send(sender)));
  await killed;

  const next = await serve(folder);
  try {
    await expect.poll(async () => uncounted(await next.counted(), answered), patient).toEqual([]);
    expect(unanswered.size, "some were under way").toBeGreaterThan(0);
    for (const body of unanswered.values()) expect((await next.post(body)).status).toBe(202);
    const all = new Map([...answered, ...unanswered.keys()].map((service) => [service, LINES]));
    await expect.poll(() => next.counted(), patient).toEqual(all);
  } finally {
    await next.end();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
});
