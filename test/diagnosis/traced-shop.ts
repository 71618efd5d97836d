// Traces of a small shop: web asks api, api asks db, which has no tracing itself. Each minute some requests, as long
// and with the end that a scenario says.
import type { CallSpan } from "../../domain/call-span.ts";
import { MINUTE } from "./shop-world.ts";

export interface Course {
  /** Own milliseconds. */
  web?: number;
  api?: number;
  db?: number;
  /** Who fails by itself; its callers fail with it. */
  failing?: "web" | "api" | "db";
  /** The api is not reached: it sends no spans. */
  silent?: boolean;
  /** The api answers as ever, and sends no spans any more. */
  untraced?: boolean;
}

const PER_MINUTE = 10;

/** From minute `from` to `to`, counted from `zero`. */
export function traffic(zero: number, from: number, to: number, course: Course = {}): CallSpan[] {
  return Array.from({ length: (to - from) * PER_MINUTE }, (_, n) => {
    const start = zero + from * MINUTE + (n * MINUTE) / PER_MINUTE + 1_000;
    return request(start, (n % 5) + 1, course);
  }).flat();
}

function request(start: number, noise: number, course: Course): CallSpan[] {
  const { web = 20, api = 15, db = 5, failing, silent = false, untraced = false } = course;
  const trace = hex(start, 32);
  const depth = ["web", "api", "db"].indexOf(failing ?? "none");
  const fails = (level: number) => depth >= level || silent;
  const whole = { db: db + noise, api: api + db + 2 * noise, web: web + api + db + 3 * noise };
  const span = (n: number, parent: number, more: Omit<CallSpan, "trace" | "id" | "parent">): CallSpan => ({
    trace,
    id: hex(start * 10 + n, 16),
    parent: parent === 0 ? "" : hex(start * 10 + parent, 16),
    ...more,
  });
  const asked = (service: string, host: string, from: number, duration: number, level: number) => ({
    service,
    operation: `POST to ${host}`,
    start: from,
    duration,
    failed: fails(level),
    asks: { host, port: 8080, refused: false },
  });
  return [
    span(1, 0, { service: "web", operation: "GET /", start, duration: whole.web, failed: fails(0) }),
    span(2, 1, asked("web", "api", start + 5, whole.api + 1, 1)),
    ...(silent || untraced
      ? []
      : [
          span(3, 2, {
            service: "api",
            operation: "POST /pay",
            start: start + 6,
            duration: whole.api,
            failed: fails(1),
          }),
          span(4, 3, asked("api", "db", start + 8, whole.db, 2)),
        ]),
  ];
}

export function hex(number: number, digits: number): string {
  return Math.round(number).toString(16).padStart(digits, "0");
}
