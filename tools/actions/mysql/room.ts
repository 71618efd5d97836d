// How much room there is where MySQL or MariaDB keeps its data, as its process sees it: a server whose file cannot grow may
// end itself (MariaDB 10.11 does, with signal 6), so nothing is tried out where that is not known.
import type { ActionContext } from "../../action.ts";
import { textIn } from "../../row-values.ts";
import { type MysqlDoor, mysqlOf } from "./connection.ts";

const PROGRAM = /^(?:mariadbd|mysqld)/;
const HERE = /^(?:localhost|127\.\d+\.\d+\.\d+|\[?::1\]?)$/;

/** Bytes; undefined: it does not run on this machine, or opsmedic may not look into it. */
export async function roomOfData({ ask }: MysqlDoor, context: ActionContext): Promise<number | undefined> {
  const { makeLinuxMachine } = await import("../../linux-machine.ts");
  const machine = makeLinuxMachine();
  const [server] = await ask("select @@global.datadir as folder, @@global.port as port");
  const pid =
    (await context.target?.pids?.(context.signal))?.[0] ?? (await listening(Number(server?.["port"])));
  const folder = textIn(server, "folder");
  if (pid === undefined || folder === undefined) return undefined;
  return (await machine.volume(folder, pid))?.freeBytes;

  /** Where something stands between it and us on this machine, it listens on its own port. */
  async function listening(own: number): Promise<number | undefined> {
    const { hostname, port } = new URL(mysqlOf(context).url);
    if (!HERE.test(hostname)) return undefined;
    for (const one of [Number(port || 3306), own]) {
      const found = await machine.listener(one);
      if (PROGRAM.test(found?.program ?? "")) return found?.pid;
    }
    return undefined;
  }
}
