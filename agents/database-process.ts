// The process of a database server, where it runs on this machine: what it writes is looked up as it sees it.
import type { DatabaseEngine } from "../domain/database.ts";
import type { Service } from "../domain/service.ts";
import type { Machine } from "../tools/machine.ts";
import type { Target } from "../tools/target.ts";
import { addressOf } from "./evidence/answers.ts";

/** As the kernel has their names. */
const programs: Readonly<Record<DatabaseEngine, RegExp>> = {
  redis: /^redis/,
  postgres: /^postgres/,
  mysql: /^(?:mariadbd|mysqld)/,
};

const HERE = /^(?:localhost|127\.\d+\.\d+\.\d+|::1|\[::1\])$/;

/** Of what runs for the service, else of whoever listens on its port on this machine, where that is such a server. */
export async function databaseProcess(
  service: Service,
  { target, machine }: { target: Pick<Target, "pids"> | undefined; machine: Machine | undefined },
  signal?: AbortSignal,
): Promise<number | undefined> {
  const { database } = service;
  const own = (await target?.pids?.(signal))?.[0];
  if (own !== undefined || database === undefined) return own;
  const address = addressOf(service);
  if (address === undefined || !HERE.test(address.host)) return undefined;
  const listener = await machine?.listener(address.port);
  return programs[database.kind].test(listener?.program ?? "") ? listener?.pid : undefined;
}
