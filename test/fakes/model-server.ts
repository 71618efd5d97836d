// A language model's server on loopback that speaks both protocols, OpenAI's and Ollama's, over real HTTP. What it
// answers is said by the test; it keeps every byte that it was sent, so that a test can look for what must not leave.
import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

export type Protocol = "openai" | "ollama";

export interface AskedOfModel {
  protocol: Protocol;
  model: string;
  /** Known by the property that the answer must have. */
  step: string;
  system: string;
  user: string;
  body: Record<string, unknown>;
}

/** How one request ends. */
export type Behaviour = (exchange: Exchange) => void | Promise<void>;

export interface Exchange {
  asked: AskedOfModel;
  response: http.ServerResponse;
  /** Begins a stream; then pieces, then the end with what was used. */
  open(): void;
  piece(text: string): void;
  end(usage?: { in?: unknown; out?: unknown }): void;
}

export interface ModelServer extends AsyncDisposable {
  /** What goes into model.baseUrl for a protocol. */
  url(protocol: Protocol): string;
  asked: AskedOfModel[];
  /** Every header and body that came in. */
  received(): string;
  behave(behaviour: Behaviour): void;
}

const STEPS: Record<string, string> = {
  playbooks: "classify",
  order: "order",
  best: "rank",
  doubt: "sceptic",
  explanation: "explain",
  ok: "greet",
};

export async function startModelServer(first: Behaviour): Promise<ModelServer> {
  let behaviour = first;
  const asked: AskedOfModel[] = [];
  const bytes: string[] = [];
  const server = http.createServer((incoming, response) => {
    void (async () => {
      const body = (await buffer(incoming)).toString();
      bytes.push(`${incoming.method} ${incoming.url}\n${incoming.rawHeaders.join("\n")}\n${body}`);
      response.on("error", () => undefined);
      const question = questionIn(incoming.url ?? "", body);
      asked.push(question);
      await behaviour(exchangeOf(question, response));
    })().catch((error: unknown) => response.destroy(error as Error));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: (protocol) => (protocol === "openai" ? `${base}/v1` : base),
    asked,
    received: () => bytes.join("\n"),
    behave: (next) => void (behaviour = next),
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, "close").catch(() => undefined);
    },
  };
}

function questionIn(url: string, text: string): AskedOfModel {
  const body = JSON.parse(text) as Record<string, unknown> & {
    messages: { role: string; content: string }[];
  };
  const said = (role: string): string => body.messages.find((one) => one.role === role)?.content ?? "";
  const system = said("system");
  const properties = Object.keys(STEPS).find((one) => system.includes(`"${one}":{`));
  return {
    protocol: url === "/api/chat" ? "ollama" : "openai",
    model: String(body["model"]),
    step: STEPS[properties ?? ""] ?? "unknown",
    system,
    user: said("user"),
    body,
  };
}

function exchangeOf(asked: AskedOfModel, response: http.ServerResponse): Exchange {
  const { protocol, model } = asked;
  const chunk = (delta: object, finish: string | null, more: object = {}): string =>
    `data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", created: 1, model, choices: [{ index: 0, delta, finish_reason: finish }], ...more })}\n\n`;
  const lines = (content: string, done: boolean, more: object = {}): string =>
    `${JSON.stringify({ model, created_at: "2026-01-01T00:00:00Z", message: { role: "assistant", content }, done, ...more })}\n`;
  return {
    asked,
    response,
    open() {
      const type = protocol === "openai" ? "text/event-stream" : "application/x-ndjson";
      response.writeHead(200, { "content-type": type });
    },
    piece: (text) =>
      void response.write(protocol === "openai" ? chunk({ content: text }, null) : lines(text, false)),
    end(usage = {}) {
      if (protocol === "ollama") {
        return void response.end(
          lines("", true, { done_reason: "stop", prompt_eval_count: usage.in, eval_count: usage.out }),
        );
      }
      response.write(chunk({}, "stop"));
      const counted = { prompt_tokens: usage.in, completion_tokens: usage.out };
      response.write(`data: ${JSON.stringify({ id: "c", choices: [], usage: counted })}\n\n`);
      response.end("data: [DONE]\n\n");
    },
  };
}

/** The whole text, in pieces of a few characters. */
export function says(
  text: string | ((asked: AskedOfModel) => string),
  usage: { in?: unknown; out?: unknown } = { in: 120, out: 30 },
): Behaviour {
  return (exchange) => {
    exchange.open();
    const whole = typeof text === "string" ? text : text(exchange.asked);
    for (let at = 0; at < whole.length; at += 4_000) exchange.piece(whole.slice(at, at + 4_000));
    exchange.end(usage);
  };
}

/** One answer a step; a step that nobody planned breaks off. */
export const saysByStep = (answers: Record<string, unknown>): Behaviour =>
  says(({ step }) => JSON.stringify(answers[step] ?? null));

export const answersStatus =
  (status: number, headers: Record<string, string> = {}, body = '{"error":{"message":"no"}}'): Behaviour =>
  ({ response }) =>
    void response.writeHead(status, { "content-type": "application/json", ...headers }).end(body);

/** Accepts and never answers. */
export const hangs: Behaviour = () => undefined;

export const closes: Behaviour = ({ response }) => void response.destroy();

/** Begins, and never goes on. */
export const stallsAfter =
  (text: string): Behaviour =>
  ({ open, piece }) => {
    open();
    piece(text);
  };

/** Begins, and the connection is gone. */
export const breaksAfter =
  (text: string): Behaviour =>
  ({ open, piece, response }) => {
    open();
    piece(text);
    setImmediate(() => response.destroy());
  };

/** Begins, and ends as if that were all. */
export const endsAfter =
  (text: string): Behaviour =>
  ({ open, piece, response }) => {
    open();
    piece(text);
    response.end();
  };

/** Goes on until the other side has enough. */
export const neverEnds =
  (text: string): Behaviour =>
  async ({ open, piece, response }) => {
    open();
    while (!response.destroyed) {
      piece(text);
      await new Promise((resolve) => setImmediate(resolve));
    }
  };

/** Anything else, as it is. */
export const sends =
  (body: string | Buffer, headers: Record<string, string>): Behaviour =>
  ({ response }) =>
    void response.writeHead(200, headers).end(body);
