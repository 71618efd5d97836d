// What a look into the database reads now, and what its counters did lately.
import {
  type DatabaseNumber,
  databaseNumbers,
  type DatabaseWord,
  databaseWords,
  hitRateOf,
} from "../../domain/database.ts";
import type { DatabaseLook } from "../../domain/database.ts";
import {
  amount,
  databaseNear,
  databaseSignals,
  inspectorOf,
  megabytes,
  riseOf,
  sqlInspectorOf,
} from "./inside-database.ts";
import {
  inWords,
  type Look,
  type Observer,
  percent,
  plainLine,
  seen,
  textParam,
  unseen,
} from "./observer.ts";

const FEWEST_READS = 1_000;

/** "postgres" | "mysql" | "redis"; null: no database of ours. */
const databaseEngine: Observer = ({ scene }) => {
  const kind = scene.service.database?.kind ?? null;
  return seen(kind, kind === null ? `${scene.service.name} is no database` : `it is ${kind}`);
};

/** Whether it is, or depends on, a database of this engine. */
const nearDatabase: Observer = (look) => {
  const engine = textParam(look.params, "engine", "");
  const near = databaseNear(look, engine) !== undefined;
  return seen(near, near ? `it has to do with ${engine}` : `it has nothing to do with ${engine}`);
};

/** One number of a look made now: `name` is one of databaseNumbers. */
const databaseNumber: Observer = async (look) => {
  const name = textParam(look.params, "name", "") as DatabaseNumber;
  if (!databaseNumbers.includes(name)) return unseen(`there is no number "${plainLine(name, 40)}"`);
  const value = (await lookNow(look))?.numbers[name];
  return value === undefined
    ? unseen(`${spoken(name)} cannot be seen`)
    : seen(value, `${spoken(name)}: ${amount(name, value)}`);
};

const databaseWord: Observer = async (look) => {
  const name = textParam(look.params, "name", "") as DatabaseWord;
  if (!databaseWords.includes(name)) return unseen(`there is no word "${plainLine(name, 40)}"`);
  const value = (await lookNow(look))?.words[name];
  return value === undefined
    ? unseen(`${spoken(name)} cannot be seen`)
    : seen(plainLine(value, 120), `${spoken(name)}: ${plainLine(value, 120)}`);
};

/** How much a counter rose in the last minutes. */
const databaseRise: Observer = (look) => {
  const name = textParam(look.params, "name", "") as DatabaseNumber;
  const rise = riseOf(look, name);
  return rise === undefined
    ? unseen(`${spoken(name)} was seen once only`)
    : seen(rise.by, `${rise.by} ${spoken(name)} in ${inWords(rise.overMs)}`);
};

/** The share of all connections that are taken. One that refuses us for that reason has none left. */
const connectionsUsed: Observer = async (look) => {
  const numbers = (await lookNow(look))?.numbers;
  const [used, limit] = [numbers?.connections, numbers?.["connection-limit"]];
  if (used === undefined || limit === undefined) {
    const { database } = look.scene.service;
    const answer = database && (await look.parts.prober.database(look.scene.service, database, look.signal));
    if (answer?.failure === "too-many-connections")
      return seen({ value: 1 }, "it refuses us for too many connections");
    return unseen("its connections cannot be counted");
  }
  return seen(
    { value: used / limit, used, limit },
    `${used} of ${limit} connections are taken (${percent(used / limit)})`,
  );
};

const cacheHitRate: Observer = (look) => {
  const [hits, misses] = [riseOf(look, "cache-hits"), riseOf(look, "cache-misses")];
  const reads = (hits?.by ?? 0) + (misses?.by ?? 0);
  const rate = hitRateOf(hits?.by, misses?.by);
  if (rate === undefined || reads < FEWEST_READS) return unseen("too little was read to say");
  return seen(Math.round(rate * 1_000) / 1_000, `${percent(rate)} of ${reads} reads came from the cache`);
};

/** How many times the data is larger than the cache of the server. */
const dataPerCache: Observer = async (look) => {
  const inspector = await sqlInspectorOf(look);
  const size = (await lookNow(look))?.numbers["size-bytes"];
  if (inspector === undefined || size === undefined) return unseen("its size cannot be seen");
  const settings = await inspector.settings(look.signal);
  const cache =
    inspector.engine === "postgres"
      ? Number(settings["shared_buffers"]) * 8_192
      : Number(settings["innodb_buffer_pool_size"]);
  if (!(cache > 0)) return unseen("the size of its cache cannot be seen");
  const setting = inspector.engine === "postgres" ? "shared_buffers" : "innodb_buffer_pool_size";
  const advice = `raise ${setting} (now ${megabytes(cache)}) by half, and look again`;
  return seen(
    { value: size / cache, setting, advice },
    `${megabytes(size)} of data, ${megabytes(cache)} of ${setting}`,
  );
};

/** A setting of the server as it is in force. */
const databaseSetting: Observer = async (look) => {
  const name = textParam(look.params, "name", "");
  const value = (await (await inspectorOf(look))?.settings(look.signal))?.[name];
  return value === undefined
    ? unseen(`the setting ${plainLine(name, 40)} cannot be seen`)
    : seen(plainLine(value, 80), `${name} = ${plainLine(value, 80)}`);
};

export const databaseNumberObservers: Record<string, Observer> = {
  "database-engine": databaseEngine,
  "near-database": nearDatabase,
  "database-number": databaseNumber,
  "database-word": databaseWord,
  "database-rise": databaseRise,
  "connections-used": connectionsUsed,
  "cache-hit-rate": cacheHitRate,
  "data-per-cache": dataPerCache,
  "database-setting": databaseSetting,
};

/** A look of this moment; of a database that cannot be asked any more, the last one of the window. */
async function lookNow(look: Look): Promise<DatabaseLook | undefined> {
  const now = await (await inspectorOf(look))?.look(look.signal);
  return now ?? databaseSignals(look).at(-1);
}

function spoken(name: string): string {
  return name.replace(/-(?:ms|share|bytes)$/, "").replaceAll("-", " ");
}
