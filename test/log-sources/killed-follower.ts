// A process that follows a source into files, for a test that kills it: events as lines, the place in a file of its
// own that is written after them. Its store knows an event by its id, as a table with a unique key does.
import { appendFileSync, existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import { systemClock } from "../../domain/system-clock.ts";
import { followSource } from "../../tools/log-sources/follow-source.ts";
import type { LogEvent } from "../../tools/log-sources/log-source.ts";
import { lokiSource } from "../../tools/log-sources/loki.ts";

const [url = "", folder = ""] = process.argv.slice(2);
const eventsFile = path.join(folder, "events.jsonl");
const placeFile = path.join(folder, "place.json");

// A line that was cut by the kill was never acknowledged.
const whole = existsSync(eventsFile) ? readFileSync(eventsFile, "utf8").replace(/[^\n]*$/, "") : "";
writeFileSync(eventsFile, whole);
const known = new Set(
  whole
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => (JSON.parse(line) as LogEvent).rawId),
);

await followSource(
  {
    source: lokiSource({
      name: "loki",
      url,
      query: '{app=~".+"}',
      clock: systemClock,
      pageSize: 50,
      perMinute: 60_000,
    }),
    cursors: {
      load: async () =>
        existsSync(placeFile) ? (JSON.parse(readFileSync(placeFile, "utf8")) as unknown) : undefined,
      save: async (_, cursor) => {
        writeFileSync(`${placeFile}.new`, JSON.stringify(cursor));
        renameSync(`${placeFile}.new`, placeFile);
      },
    },
    onEvents: async (events) => {
      for (const event of events.filter(({ rawId }) => !known.has(rawId))) {
        known.add(event.rawId);
        appendFileSync(eventsFile, `${JSON.stringify(event)}\n`);
      }
    },
    clock: systemClock,
    pollEveryMs: 20,
    lookBackMs: 2 * 3_600_000,
  },
  new AbortController().signal,
);
