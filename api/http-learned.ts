// What was learned, over HTTP.
import type { Call } from "./http/call.ts";
import { isoSpan } from "./iso-span.ts";
import type { Learned } from "./learned.ts";
import { learned } from "./routes/learned.ts";

export function httpLearned(call: Call): Learned {
  return {
    calibration: ({ since, ...rest }) =>
      call(learned.calibration, {
        query: { ...rest, ...(since !== undefined && { since: new Date(since).toISOString() }) },
      }),
    watches: async (query) => (await call(learned.watches, { query })).watches,
    watch: (id) => call(learned.watch, { params: { id } }),
    removeWatch: (id) => call(learned.removeWatch, { params: { id } }),
    weeklyReport: ({ from, to }) => call(learned.weekly, { query: isoSpan({ from, to }) }),
  };
}
