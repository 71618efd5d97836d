// Settings changed while running (mode, pause, …): JSON by key.
import { z } from "zod";
import type { Clock } from "../domain/clock.ts";
import { jsonSchema } from "../domain/json.ts";
import type { Queryable } from "./db.ts";
import type { Settings } from "./records.ts";
import { rowsAs, whole } from "./rows.ts";
import { jsonParam } from "./storable.ts";

const settingRow = z.object({ key: z.string(), value: jsonSchema });

export function makeSettings(db: Queryable, clock: Clock): Settings {
  const read = async (rest: string, params: unknown[]): Promise<z.infer<typeof settingRow>[]> =>
    rowsAs(
      settingRow,
      await db.query(`select key, value from opsmedic.settings ${rest}`, params),
      "a setting",
    );
  return {
    async get(key) {
      return (await read("where key = $1", [key]))[0]?.value;
    },
    async set(key, value) {
      await db.query(
        `insert into opsmedic.settings (key, value, updated_at) values ($1, $2::jsonb, $3)
         on conflict (key) do update set value = excluded.value, updated_at = excluded.updated_at`,
        [key, jsonParam(value), whole(clock.now())],
      );
    },
    async all() {
      return Object.fromEntries((await read("order by key", [])).map(({ key, value }) => [key, value]));
    },
  };
}
