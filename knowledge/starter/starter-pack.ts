// The starter pack: what is known before anything happened here. From general operations knowledge.
import { configurationCases } from "./configuration.ts";
import { containerCases } from "./containers.ts";
import { hostCases } from "./host.ts";
import { httpCases } from "./http.ts";
import { mysqlCases } from "./mysql.ts";
import { networkCases } from "./network.ts";
import { postgresCases } from "./postgres.ts";
import { processesCases } from "./processes.ts";
import { queueCases } from "./queues.ts";
import { redisCases } from "./redis.ts";
import type { StarterCase } from "./starter-case.ts";

export const starterPack: readonly StarterCase[] = [
  ...containerCases,
  ...processesCases,
  ...configurationCases,
  ...httpCases,
  ...postgresCases,
  ...mysqlCases,
  ...redisCases,
  ...hostCases,
  ...networkCases,
  ...queueCases,
];
