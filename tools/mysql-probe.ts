// Can MySQL or MariaDB be reached, and does it answer SELECT 1? One connection, closed again.
import net from "node:net";
import mysql from "mysql2";
import { askOnce, codeOf, type ProbeAnswer, type ProbeFailureWord, WrongAnswer } from "./probe-answer.ts";

/** The server's error names, see MySQL's error message reference. */
const byName: Record<string, ProbeFailureWord> = {
  ER_ACCESS_DENIED_ERROR: "auth",
  ER_DBACCESS_DENIED_ERROR: "auth",
  ER_ACCESS_DENIED_NO_PASSWORD_ERROR: "auth",
  ER_NOT_SUPPORTED_AUTH_MODE: "auth",
  ER_CON_COUNT_ERROR: "too-many-connections",
  ER_TOO_MANY_USER_CONNECTIONS: "too-many-connections",
  ER_USER_LIMIT_REACHED: "too-many-connections",
  ER_SERVER_SHUTDOWN: "reset",
};

/** Never throws. */
export function probeMysql(url: string, timeoutMs: number, signal?: AbortSignal): Promise<ProbeAnswer> {
  return askOnce({ timeoutMs }, signal, async (stop) => {
    const socket = socketFor(new URL(url));
    const close = () => socket.destroy();
    stop.addEventListener("abort", close, { once: true });
    try {
      await selectOne(url, socket);
    } catch (error) {
      throw inWords(error);
    } finally {
      // The driver closes its half only, and a server that hangs would keep the other.
      socket.destroySoon();
    }
  });
}

function socketFor(url: URL): net.Socket {
  return net.connect({ host: url.hostname.replace(/^\[|\]$/g, ""), port: Number(url.port || 3306) });
}

function selectOne(uri: string, socket: net.Socket): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const connection = mysql.createConnection({ uri, stream: () => socket });
  connection.on("error", reject);
  socket.once("close", () => reject(Object.assign(new Error("the server hung up"), { code: "ECONNRESET" })));
  connection.query("SELECT 1", (error) => (error === null ? resolve() : reject(error)));
  return promise.then(() => connection.end());
}

function inWords(error: unknown): unknown {
  const failure = byName[codeOf(error) ?? ""];
  if (failure !== undefined && error instanceof Error) return new WrongAnswer(failure, error.message);
  return error;
}
