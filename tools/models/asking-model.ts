// The one door through which prompts leave. Whatever the provider: what is secret is masked, budgets and the breaker are
// asked, time is limited, the answer is checked against its schema, and the call is written down. Nothing here throws:
// a model that does not help is no reason for a run to stop.
import type { z } from "zod";
import type { Clock } from "../../domain/clock.ts";
import { HealError } from "../../domain/errors.ts";
import { type Mask, makeMask } from "../../domain/mask-addresses.ts";
import type { DayUsage } from "../../domain/model-usage.ts";
import type { Asking, Model, ModelCall, Question } from "../model.ts";
import { TIMED_OUT, withinLimit } from "../time-limit.ts";
import { answerIn, answerSchema } from "./answer-schema.ts";
import { type Limits, makeBudget } from "./budget.ts";
import { blank, ended, MOST_RECORDED, saidBy, usageOf } from "./call-record.ts";
import type { ChatAnswer, ChatClient, ChatRequest, MaskedText } from "./chat-client.ts";
import { ModelError } from "./model-error.ts";
import { makeBreaker, patiently } from "./patience.ts";
import { estimatedTokens, reportedTokens } from "./tokens.ts";

export interface AskingModelParts {
  client: ChatClient;
  /** For one question with all its tries, ms. */
  perCallMs: number;
  perRun: Limits;
  perDay: Limits;
  /** In any currency, for a million tokens. */
  price: { input: number; output: number } | undefined;
  day: DayUsage | undefined;
  /** Secrets by their value, as the configuration knows them. */
  secrets: readonly string[];
  clock: Clock;
  random?: () => number;
}

/** A step with its answer stays under 4,000 tokens; the prompt's part is bounded where prompts are made. */
const MOST_ANSWER_TOKENS = 1_000;
/** Where a server ignores the limit. */
const MOST_ANSWER_CHARACTERS = 16_000;

export function askingModel(parts: AskingModelParts): Model {
  const { client, clock, price, perCallMs, random = Math.random } = parts;
  const budget = makeBudget(parts);
  const breaker = makeBreaker(clock);
  const cost = (tokensIn: number, tokensOut: number): number =>
    price ? Math.ceil(tokensIn * price.input + tokensOut * price.output) : 0;

  /** Everything between the decision to ask and an answer's text. */
  async function attempt(request: ChatRequest, call: ModelCall, limits: AttemptLimits): Promise<ChatAnswer> {
    const { msLeft, signal, onText } = limits;
    const until = clock.now() + msLeft;
    const once = async (stop: AbortSignal): Promise<ChatAnswer> => {
      let characters = 0;
      return client.chat(request, stop, (piece) => {
        stop.throwIfAborted();
        characters += piece.length;
        call.answer = (call.answer + piece).slice(0, MOST_RECORDED.answer);
        if (characters > MOST_ANSWER_CHARACTERS) throw tooLong();
        onText?.(piece, request.step);
      });
    };
    const retrying = (stop: AbortSignal): Promise<ChatAnswer> =>
      patiently(
        () => {
          call.answer = "";
          return once(stop);
        },
        { clock, random, until, signal: stop, onRetry: () => (call.retries += 1) },
      );
    return withinLimit(msLeft, signal, retrying, clock);
  }

  async function asked<T>(
    zod: z.ZodType<T>,
    { request, call }: { request: ChatRequest; call: ModelCall },
    signal: AbortSignal | undefined,
    asking: Asking,
  ): Promise<T | undefined> {
    if (signal?.aborted) return ended(call, "cancelled", "cancelled before it was asked");
    if (!breaker.mayAsk()) return ended(call, "resting", "it failed just now and is left alone for a while");
    const tokensIn = estimatedTokens(request.system + request.user);
    const reserved = await budget.reserve(asking.run, {
      calls: 1,
      tokens: tokensIn + MOST_ANSWER_TOKENS,
      ms: 0,
      costMicros: cost(tokensIn, MOST_ANSWER_TOKENS),
    });
    if (reserved.status === "refused") {
      breaker.unknown();
      return ended(call, "no-budget", reserved.why);
    }
    const began = clock.now();
    try {
      await asking.onStart?.(call);
      const msLeft = Math.min(perCallMs, reserved.msLeft);
      const answer = await attempt(request, call, { msLeft, signal, onText: asking.onText });
      breaker.worked();
      call.answer = answer.text.slice(0, MOST_RECORDED.answer);
      count(call, { answer, tokensIn });
      const value = answerIn(zod, answer.text);
      return value === undefined
        ? ended(call, "unusable", "the answer does not fit what was asked for")
        : ended(call, "answered", null, value);
    } catch (error) {
      count(call, { answer: { text: call.answer, tokensIn: null, tokensOut: null }, tokensIn });
      if (signal?.aborted) {
        breaker.unknown();
        return ended(call, "cancelled", "cancelled while it was asked");
      }
      breaker.failed(error);
      const late = error instanceof HealError && error.code === TIMED_OUT;
      return ended(call, late ? "timed-out" : "failed", saidBy(error));
    } finally {
      call.ms = clock.now() - began;
      await reserved.settle(usageOf(call));
    }
  }

  function count(call: ModelCall, { answer, tokensIn }: { answer: ChatAnswer; tokensIn: number }): void {
    const [seenIn, seenOut] = [reportedTokens(answer.tokensIn), reportedTokens(answer.tokensOut)];
    call.tokensIn = seenIn ?? tokensIn;
    call.tokensOut = seenOut ?? estimatedTokens(answer.text);
    call.tokensEstimated = seenIn === undefined || seenOut === undefined;
    call.costMicros = price ? cost(call.tokensIn, call.tokensOut) : null;
  }

  return {
    provider: client.provider,
    name: client.model,
    ...(parts.perRun.ms !== undefined && { mostMsPerRun: parts.perRun.ms }),
    async ask(zod, question, signal, asking = {}) {
      const prepared = prepare(zod, question, makeMask(parts.secrets));
      const call: ModelCall = blank(client, question, prepared.user, clock.now());
      let value;
      try {
        value = await asked(zod, { request: prepared, call }, signal, asking);
      } catch (error) {
        // The store could not say what is left of the day: nothing is spent that cannot be counted.
        breaker.unknown();
        ended(call, "failed", saidBy(error));
      }
      try {
        await asking.onCall?.(call);
      } catch {
        // Whoever writes it down finds out at its own next step; the answer is not worse for it.
      }
      return value;
    },
  };
}

interface AttemptLimits {
  msLeft: number;
  signal: AbortSignal | undefined;
  onText: Asking["onText"];
}

/** Only here a text becomes a masked one. The schema is said in words too: not every server enforces it. */
function prepare(zod: z.ZodType, { step, system, user }: Question, mask: Mask): ChatRequest {
  const { schema, strict } = answerSchema(zod);
  return {
    step,
    system: mask(`${system}\nJSON Schema of the answer: ${JSON.stringify(schema)}`) as MaskedText,
    user: mask(user) as MaskedText,
    schema,
    strict,
    mostTokens: MOST_ANSWER_TOKENS,
  };
}

function tooLong(): ModelError {
  return new ModelError(`The answer is longer than ${MOST_ANSWER_CHARACTERS} characters.`, {
    code: "model-answer-too-long",
  });
}
