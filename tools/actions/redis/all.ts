// Every action on the inside of Redis.
import type { Action } from "../../action.ts";
import { checked } from "../checked.ts";
import { redisEndClients } from "./end-clients.ts";
import { redisEndScript } from "./end-script.ts";
import { redisPurgeMemory } from "./purge-memory.ts";
import { redisSave } from "./save.ts";
import { redisSetConfig } from "./set-config.ts";

export const redisActions: readonly Action[] = [
  checked(redisEndClients),
  checked(redisEndScript),
  checked(redisPurgeMemory),
  checked(redisSave),
  checked(redisSetConfig),
];
