// What every Model must do, whichever provider is behind it: ask and check, mask, bound, retry, give up, stop at once,
// count, and never throw.
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import type { Clock } from "../../domain/clock.ts";
import type { DayUsage } from "../../domain/model-usage.ts";
import { systemClock } from "../../domain/system-clock.ts";
import type { Model, ModelCall } from "../../tools/model.ts";
import { configuredModel, type ModelSettings } from "../../tools/models/configured-model.ts";
import { fakeClock } from "../fakes/clock.ts";
import {
  answersStatus,
  type Behaviour,
  breaksAfter,
  closes,
  endsAfter,
  hangs,
  type ModelServer,
  neverEnds,
  type Protocol,
  says,
  sends,
  stallsAfter,
  startModelServer,
} from "../fakes/model-server.ts";

const schema = z.object({ best: z.string(), why: z.string().max(100) });
const question = { step: "rank", version: 3, system: "Answer in JSON.", user: "Which one?" };
const GOOD = '{"best":"disk-full","why":"no space left"}';

async function askWith(
  model: Model,
  { signal, run, user }: { signal?: AbortSignal; run?: string; user?: string } = {},
) {
  const calls: ModelCall[] = [];
  const pieces: string[] = [];
  const answer = await model.ask(schema, { ...question, ...(user !== undefined && { user }) }, signal, {
    ...(run !== undefined && { run }),
    onCall: (call) => void calls.push(call),
    onText: (piece) => void pieces.push(piece),
  });
  expect(calls).toHaveLength(1);
  return { answer, call: calls[0] as ModelCall, pieces };
}

export function modelContract(provider: Protocol): void {
  describe(`${provider} as a Model`, () => {
    let server: ModelServer;
    beforeAll(async () => {
      server = await startModelServer(hangs);
    });
    afterAll(() => server?.[Symbol.asyncDispose]());

    function open(
      behaviour: Behaviour,
      more: Partial<ModelSettings> = {},
      { clock = systemClock, day }: { clock?: Clock; day?: DayUsage } = {},
    ): Model {
      server.behave(behaviour);
      server.asked.splice(0);
      const settings: ModelSettings = {
        provider,
        model: "small",
        baseUrl: server.url(provider),
        apiKey: "key-of-the-model",
        perCallMs: 10_000,
        perRun: { calls: 20, tokens: 50_000, ms: 20_000 },
        perDay: {},
        price: undefined,
        secrets: ["hunter2-of-the-shop"],
        ...more,
      };
      return configuredModel(settings, { clock, day, random: () => 0 });
    }

    it("answers by the schema, streams, and writes the call down", async () => {
      const { answer, call, pieces } = await askWith(open(says(GOOD, { in: 81, out: 17 })));
      expect(answer).toEqual({ best: "disk-full", why: "no space left" });
      expect(pieces.join("")).toBe(GOOD);
      expect(call).toMatchObject({
        step: "rank",
        version: 3,
        provider,
        model: "small",
        outcome: "answered",
        detail: null,
        retries: 0,
        tokensIn: 81,
        tokensOut: 17,
        tokensEstimated: false,
        costMicros: null,
        prompt: "Which one?",
        answer: GOOD,
      });
      expect(server.asked[0]).toMatchObject({ model: "small", user: "Which one?" });
      expect(JSON.stringify(server.asked[0]?.body)).toContain('"best":{"type":"string"}');
      expect(server.received()).toContain("Bearer key-of-the-model");
    });

    it.each([
      ["a code fence", `\`\`\`json\n${GOOD}\n\`\`\``],
      ["thoughts", `<think>is it {"best":1}?</think>${GOOD}`],
    ])("reads an answer through %s", async (_what, text) => {
      expect((await askWith(open(says(text)))).answer).toMatchObject({ best: "disk-full" });
    });

    it.each([
      ["no JSON", "I think it is the disk."],
      ["other JSON", '{"best":7}'],
      ["half of it", GOOD.slice(0, 20)],
      ["too long a text", JSON.stringify({ best: "x", why: "y".repeat(101) })],
      ["nothing", ""],
      ["a list", "[1,2]"],
      ["a deep nest", "[".repeat(9_000)],
    ])("has no answer in %s, and does not ask again", async (_what, text) => {
      const { answer, call } = await askWith(open(says(text)));
      expect([answer, call.outcome, server.asked.length]).toEqual([undefined, "unusable", 1]);
    });

    it.each([
      ["cut after a piece", breaksAfter(GOOD.slice(0, 9)), 3],
      ["closed at once", closes, 3],
      ["ended in the middle", endsAfter(GOOD.slice(0, 9)), 1],
      ["a page for people", sends("<html>Sign in</html>", { "content-type": "text/html" }), 1],
      ["another JSON", sends('{"hello":"world"}', { "content-type": "application/json" }), 1],
      ["nonsense in the stream", sends("data: {oops\n\n{oops\n", { "content-type": "text/plain" }), 1],
      ["numbers in the stream", sends("data: 1\n\n", { "content-type": "text/event-stream" }), 1],
      ["broken gzip", sends(Buffer.from("no gzip"), { "content-encoding": "gzip" }), 3],
      ["an unauthorised key", answersStatus(401), 1],
      ["a missing model", answersStatus(404), 1],
      ["an upset server", answersStatus(500), 3],
      ["a full one", answersStatus(503), 3],
      ["a redirect to elsewhere", answersStatus(307, { location: "http://127.0.0.1:1/v1" }), 3],
    ])("fails at %s, with a hint that helps", async (_what, behaviour, requests) => {
      const clock = fakeClock();
      const lasting = { ...clock, sleep: lastingSleep(clock) };
      const { answer, call } = await askWith(open(behaviour, {}, { clock: lasting }));
      expect([answer, call.outcome, server.asked.length]).toEqual([undefined, "failed", requests]);
      expect(call.retries).toBe(requests - 1);
      expect(call.detail).not.toBe("");
    });

    it("asks again after 429 when it is told to, and not when that is too late", async () => {
      const clock = fakeClock();
      const lasting = { ...clock, sleep: lastingSleep(clock) };
      let times = 0;
      const busyOnce: Behaviour = (exchange) =>
        (times += 1) === 1 ? answersStatus(429, { "retry-after": "7" })(exchange) : says(GOOD)(exchange);
      const { call } = await askWith(open(busyOnce, {}, { clock: lasting }));
      expect([call.outcome, call.retries, clock.slept]).toEqual(["answered", 1, [7_000]]);

      const late = await askWith(open(answersStatus(429, { "retry-after": "3600" }), {}, { clock: lasting }));
      expect([late.call.outcome, late.call.retries, server.asked.length]).toEqual(["failed", 0, 1]);
    });

    it.each([
      ["silence", hangs],
      ["a stream that stalls", stallsAfter('{"best"')],
    ])("gives up on %s when its time is over", async (_what, behaviour) => {
      const clock = fakeClock();
      const { answer, call } = await askWith(open(behaviour, { perCallMs: 2_500 }, { clock }));
      expect([answer, call.outcome, call.ms, clock.slept]).toEqual([undefined, "timed-out", 2_500, [2_500]]);
    });

    it("stops reading what never ends", async () => {
      const words = await askWith(open(neverEnds('{"best":"x'.repeat(100))));
      expect(words.call).toMatchObject({ outcome: "failed", detail: expect.stringMatching(/longer than/) });
      const line = await askWith(open(neverEndingLine));
      expect(line.call).toMatchObject({ outcome: "failed", detail: expect.stringMatching(/longer than/) });
    });

    it("unpacks no more than an answer may be", async () => {
      const bomb = gzipSync(Buffer.alloc(60_000_000, " "));
      const type = { "content-type": "text/event-stream", "content-encoding": "gzip" };
      const { call } = await askWith(open(sends(bomb, type)));
      expect(call).toMatchObject({ outcome: "failed", detail: expect.stringMatching(/longer than/) });
    });

    it.each([
      ["before anything is sent", "before", hangs],
      ["while nothing comes", "asked", hangs],
      ["while the answer comes", "text", stallsAfter('{"best"')],
    ])("is cancelled %s", async (_what, when, behaviour) => {
      const stop = new AbortController();
      const seen: Behaviour = async (exchange) => {
        await behaviour(exchange);
        if (when === "asked") stop.abort(new Error("enough"));
      };
      const model = open(seen);
      if (when === "before") stop.abort(new Error("enough"));
      const calls: ModelCall[] = [];
      const answer = await model.ask(schema, question, stop.signal, {
        onCall: (call) => void calls.push(call),
        onText: () => stop.abort(new Error("enough")),
      });
      expect([answer, calls[0]?.outcome]).toEqual([undefined, "cancelled"]);
      expect(server.asked).toHaveLength(when === "before" ? 0 : 1);
    });

    it("lets nothing out that is secret, and keeps placeholders apart", async () => {
      const user = [
        "10.1.2.3 refused ann@example.com; 10.1.2.4 answered; again 10.1.2.3 and fe80::1%eth0",
        "password=correct-horse token sk-abcdefghijklmnopqrstuv hunter2-of-the-shop",
        "postgres://shop:s3cr3t-pw@10.1.2.3:5432/orders ip-10-1-2-3.internal",
      ].join("\n");
      const { call } = await askWith(open(says(JSON.stringify({ best: "x", why: "«ip-1» refused" }))), {
        user,
      });
      const sent = server.asked[0]?.user ?? "";
      expect(sent).toContain("«ip-1» refused «email-1»; «ip-2» answered; again «ip-1»");
      expect(sent).toContain("ip-«ip-1».internal");
      for (const secret of [
        "10.1.2.",
        "ann@",
        "correct-horse",
        "sk-abc",
        "hunter2",
        "s3cr3t",
        "fe80::1",
        "10-1-2-3",
      ])
        expect(server.received()).not.toContain(secret);
      expect(call.prompt).toBe(sent);
    });

    it("goes on without when the run's budget is used up", async () => {
      const model = open(says(GOOD), { perRun: { calls: 2, ms: 60_000 } });
      const outcomes = [];
      for (const run of ["run-1", "run-1", "run-1", "run-2"]) {
        outcomes.push((await askWith(model, { run })).call.outcome);
      }
      expect(outcomes).toEqual(["answered", "answered", "no-budget", "answered"]);
      expect(server.asked).toHaveLength(3);
    });

    it.each([
      ["tokens", { tokens: 2_200 }],
      ["cost", { costMicros: 8_000 }],
    ])("counts %s of a run by what the server says, where that can be", async (_what, perRun) => {
      const price = { input: 2, output: 4 };
      // 400 + 200 tokens, 1,600 millionths a time; a question is paid for in advance by the longest answer.
      const model = open(says(GOOD, { in: 400, out: 200 }), { perRun, price });
      const first = await askWith(model, { run: "run-1" });
      expect(first.call).toMatchObject({ costMicros: 1_600, tokensIn: 400 });
      const outcomes = [first.call.outcome];
      while (outcomes.length < 6) outcomes.push((await askWith(model, { run: "run-1" })).call.outcome);
      expect(outcomes.slice(0, 2)).toEqual(["answered", "answered"]);
      expect(outcomes.at(-1)).toBe("no-budget");

      const lies = await askWith(open(says(GOOD, { in: -5, out: 1e300 }), { price }));
      expect(lies.call).toMatchObject({ outcome: "answered", tokensEstimated: true });
      expect(lies.call.tokensIn + lies.call.tokensOut).toBeLessThan(200);
    });

    it("waits no longer than the run's budget of time, however many questions hang", async () => {
      const clock = fakeClock();
      const model = open(hangs, { perCallMs: 4_000, perRun: { ms: 10_000 } }, { clock });
      const began = clock.now();
      const outcomes = [];
      for (let count = 0; count < 6; count += 1) outcomes.push((await askWith(model, { run: "run-1" })).call);
      expect(clock.now() - began).toBeLessThanOrEqual(10_000);
      expect(outcomes.map((one) => one.outcome).slice(0, 3)).toEqual(["timed-out", "timed-out", "timed-out"]);
      expect(outcomes.slice(3).every((one) => one.ms === 0)).toBe(true);
    });

    it("leaves a model alone that is down, and tries again later", async () => {
      const clock = fakeClock();
      const lasting = { ...clock, sleep: lastingSleep(clock) };
      const model = open(answersStatus(404), {}, { clock: lasting });
      const user = "Are you there?";
      expect((await askWith(model, { user })).call.outcome).toBe("failed");
      expect((await askWith(model, { user })).call.outcome).toBe("resting");
      expect(server.asked.filter((one) => one.user === user)).toHaveLength(1);
      server.behave(says(GOOD));
      clock.pass(60_000);
      expect((await askWith(model)).call.outcome).toBe("answered");
      expect((await askWith(model)).call.outcome).toBe("answered");
    });

    it("spends nothing that cannot be counted", async () => {
      const day: DayUsage = {
        add: () => Promise.reject(new Error("the store is gone")),
        today: () => Promise.reject(new Error("the store is gone")),
      };
      const { answer, call } = await askWith(open(says(GOOD), {}, { day }));
      expect([answer, call.outcome, server.asked.length]).toEqual([undefined, "failed", 0]);
    });
  });
}

/** Waits of retries pass at once; the time limit of a call, which is longer, never comes. */
function lastingSleep(clock: Clock): Clock["sleep"] {
  return (ms, signal) =>
    ms >= 10_000
      ? new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason as Error)))
      : clock.sleep(ms, signal);
}

const neverEndingLine: Behaviour = async ({ open, response }) => {
  open();
  while (!response.destroyed) {
    response.write("x".repeat(60_000));
    await new Promise((resolve) => setImmediate(resolve));
  }
};
