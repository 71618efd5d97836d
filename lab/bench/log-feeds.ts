// Two ways for lines into a server: posted, where the answer is the pace, and written to files that it follows.
import { writeFileSync } from "node:fs";
import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type WrittenLine, writingServices } from "./log-lines.ts";
import type { Server, ServerConfig } from "./server.ts";

export interface Feed {
  /** Resolves when they were taken, or written. */
  send(lines: readonly WrittenLine[]): Promise<void>;
  /** Whether what was sent was taken. */
  answers: boolean;
  /** How many posts found no room and came again. */
  turnedAway(): number;
}

/** Services that say nothing until they are made sick, once each. */
export const quietServices: readonly string[] = Array.from(
  { length: 12 },
  (_, index) => `vault-${index + 1}`,
);

/** Every service with the file that it writes, which is there before it is followed. */
export function feedConfig(folder: string): ServerConfig {
  const names = [...writingServices, ...quietServices];
  for (const name of names) writeFileSync(fileOf(folder, name), "");
  return { services: names.map((name) => ({ name, logs: [{ file: fileOf(folder, name) }] })) };
}

const fileOf = (folder: string, service: string): string => join(folder, `${service}.log`);

/** NDJSON, as shippers send it; what finds no room is sent again when the server says. */
export function postedFeed({ url, token }: Pick<Server, "url" | "token">): Feed {
  let turnedAway = 0;
  async function send(lines: readonly WrittenLine[]): Promise<void> {
    const response = await fetch(`${url}/api/logs`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/x-ndjson" },
      body: lines.map(recordOf).join("\n"),
    });
    const answer = await response.text();
    if (response.status === 202) return;
    if (response.status !== 429) throw new Error(`/api/logs answered ${response.status}: ${answer}`);
    turnedAway += 1;
    await sleep(Number(response.headers.get("retry-after")) * 1_000);
    await send(lines);
  }
  return { send, answers: true, turnedAway: () => turnedAway };
}

/** A JSON line is a record already; any other is the message of one. */
function recordOf({ service, text }: WrittenLine): string {
  const name = `"service":${JSON.stringify(service)}`;
  return text.startsWith("{") ? `{${name},${text.slice(1)}` : `{${name},"message":${JSON.stringify(text)}}`;
}

export function writtenFeed({ folder }: Pick<Server, "folder">): Feed {
  return {
    async send(lines) {
      const files = Map.groupBy(lines, ({ service }) => fileOf(folder, service));
      await Promise.all(
        [...files].map(([file, own]) => appendFile(file, own.map(({ text }) => `${text}\n`).join(""))),
      );
    },
    answers: false,
    turnedAway: () => 0,
  };
}
