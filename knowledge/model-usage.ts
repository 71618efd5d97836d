// How much has been asked of language models today, by every process that shares the store: one row of the settings,
// added to in one statement, so that two processes never overwrite each other's count. A new day begins at zero.
import { z } from "zod";
import type { Clock } from "../domain/clock.ts";
import type { DayUsage, ModelUsage } from "../domain/model-usage.ts";
import { NO_USAGE } from "../domain/model-usage.ts";
import type { Queryable } from "./db.ts";
import { rowsAs, whole } from "./rows.ts";
import { jsonParam } from "./storable.ts";

const KEY = "model.usage";
const FIELDS = ["calls", "tokens", "ms", "costMicros"] as const;

const row = z.object({
  value: z.object({
    day: z.string(),
    calls: z.number(),
    tokens: z.number(),
    ms: z.number(),
    costMicros: z.number(),
  }),
});

export function makeDayUsage(db: Queryable, clock: Clock): DayUsage {
  const day = (): string => new Date(clock.now()).toISOString().slice(0, 10);
  const sums = FIELDS.map(
    (one) => `'${one}', greatest(0, (s.value->>'${one}')::numeric + (excluded.value->>'${one}')::numeric)`,
  ).join(", ");
  return {
    async add(usage) {
      const value = Object.fromEntries(FIELDS.map((one) => [one, Math.round(usage[one])]));
      const rows = rowsAs(
        row,
        await db.query(
          `insert into opsmedic.settings as s (key, value, updated_at) values ($1, $2::jsonb, $3)
           on conflict (key) do update set updated_at = excluded.updated_at, value =
             case when s.value->>'day' = excluded.value->>'day'
               then jsonb_build_object('day', excluded.value->>'day', ${sums}) else excluded.value end
           returning value`,
          [KEY, jsonParam({ day: day(), ...value }), whole(clock.now())],
        ),
        "the model's usage",
      );
      return usageOf(rows[0]);
    },
    async today() {
      const rows = await db.query("select value from opsmedic.settings where key = $1", [KEY]);
      const [found] = rowsAs(row, rows, "the model's usage");
      return found?.value.day === day() ? usageOf(found) : NO_USAGE;
    },
  };
}

function usageOf(found: z.infer<typeof row> | undefined): ModelUsage {
  if (!found) return NO_USAGE;
  const { day: _day, ...usage } = found.value;
  return usage;
}
