// A replica's place behind its proxy: whether it gets requests, and the two ways to change that. What the proxy answers is
// compared with texts of the configuration, and nothing else is read from it.
import { execFile } from "node:child_process";
import http from "node:http";
import https from "node:https";
import { HealError, messageOf } from "../domain/errors.ts";
import type { ProxyDoor, Rotation } from "../domain/service.ts";
import { withinLimit } from "./time-limit.ts";

export interface Place {
  /** It gets no new requests. */
  out: boolean;
  /** None of its requests is under way; undefined: the proxy does not tell. */
  idle: boolean | undefined;
}

const ANSWER_WITHIN_MS = 5_000;
const ANSWER_LIMIT_BYTES = 256 * 1024;
/** All that a command gets: nothing of opsmedic's own environment. */
const plainEnv = { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", LANG: "C.UTF-8" };

/** HealError "proxy-refused", retryable: the proxy did not answer, or not with a yes. */
export async function placeOf({ look, of }: Rotation, signal: AbortSignal): Promise<Place> {
  const answer = await through(look, `Asking the proxy of ${of}`, signal);
  return {
    out: answer.includes(look.out),
    idle: look.idle === undefined ? undefined : answer.includes(look.idle),
  };
}

/** May be asked again. HealError "proxy-refused". */
export async function takeOut({ takeOut: door, of }: Rotation, signal: AbortSignal): Promise<void> {
  await through(door, `Taking a replica of ${of} out of rotation`, signal);
}

/** May be asked again. HealError "proxy-refused". */
export async function putBack({ putBack: door, of }: Rotation, signal: AbortSignal): Promise<void> {
  await through(door, `Putting a replica of ${of} back in rotation`, signal);
}

/** Whether such an error says that nothing listens at the proxy's door, rather than that it does not want to. */
export function isAway(error: unknown): boolean {
  const { code, cause } = Object(error) as { code?: string; cause?: { code?: string } };
  return error instanceof HealError && code === "proxy-refused" && cause?.code === "ECONNREFUSED";
}

async function through(door: ProxyDoor, what: string, signal: AbortSignal): Promise<string> {
  try {
    return await withinLimit(ANSWER_WITHIN_MS, signal, (stop) =>
      door.kind === "http" ? request(door, stop) : run(door.command, stop),
    );
  } catch (cause) {
    signal.throwIfAborted();
    throw new HealError(`${what} failed: ${messageOf(cause)}.`, {
      code: "proxy-refused",
      retryable: true,
      hint: "See whether the proxy runs, and try what rotation of the service says by hand.",
      cause,
    });
  }
}

type HttpDoor = Extract<ProxyDoor, { kind: "http" }>;

/** One request on a connection of its own; redirects are not followed. */
function request({ url, method, headers, body }: HttpDoor, stop: AbortSignal): Promise<string> {
  const open = url.startsWith("https:") ? https.request : http.request;
  return new Promise((resolve, reject) => {
    const sent = open(url, {
      method,
      headers: { "user-agent": "opsmedic", ...headers },
      agent: false,
      signal: stop,
    });
    sent.once("error", reject).once("response", (response) => {
      textOf(response).then((text) => {
        const { statusCode = 0 } = response;
        if (statusCode >= 200 && statusCode < 300) resolve(text);
        else reject(new Error(`it answered ${statusCode}`));
      }, reject);
    });
    sent.end(body);
  });
}

async function textOf(response: http.IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of response) {
    bytes += (part as Buffer).length;
    if (bytes > ANSWER_LIMIT_BYTES) throw new Error(`its answer is longer than ${ANSWER_LIMIT_BYTES} bytes`);
    parts.push(part as Buffer);
  }
  return Buffer.concat(parts).toString();
}

/** Without a shell. What it prints is its answer. */
function run([program = "", ...args]: readonly string[], stop: AbortSignal): Promise<string> {
  const limits = {
    env: plainEnv,
    signal: stop,
    killSignal: "SIGKILL",
    maxBuffer: ANSWER_LIMIT_BYTES,
  } as const;
  return new Promise((resolve, reject) => {
    execFile(program, args, limits, (error, output) => {
      if (error) reject(new Error(`${program}: ${error.code ?? error.message}`));
      else resolve(output);
    });
  });
}
