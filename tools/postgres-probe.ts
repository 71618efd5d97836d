// Can PostgreSQL be reached, and does it answer SELECT 1? One connection, closed again.
import net from "node:net";
import { Client, DatabaseError } from "pg";
import { askOnce, type ProbeAnswer, type ProbeFailureWord, WrongAnswer } from "./probe-answer.ts";

/** SQLSTATE codes, appendix A of PostgreSQL's manual. */
const bySqlState: Record<string, ProbeFailureWord> = {
  "28000": "auth",
  "28P01": "auth",
  "53300": "too-many-connections",
  "57P03": "loading",
  "57014": "timeout",
};

/** Never throws. */
export function probePostgres(url: string, timeoutMs: number, signal?: AbortSignal): Promise<ProbeAnswer> {
  return askOnce({ timeoutMs }, signal, (stop) => selectOne(url, timeoutMs, stop));
}

async function selectOne(url: string, timeoutMs: number, stop: AbortSignal): Promise<void> {
  // Our own socket: the driver has no way to let go of a server that does not answer.
  const socket = new net.Socket();
  const close = () => socket.destroy();
  stop.addEventListener("abort", close, { once: true });
  const client = new Client({ connectionString: url, application_name: "opsmedic", stream: () => socket });
  client.on("error", () => {}); // the same error rejects the call below
  try {
    await client.connect();
    await client.query(question(timeoutMs));
    void client.end().catch(close);
  } catch (error) {
    close();
    throw inWords(error);
  }
  socket.destroySoon();
}

/**
 * The server's own limit is set inside a transaction: as a start-up parameter a connection pooler (PgBouncer)
 * refuses it, and as a plain SET it would stay on the pooled connection for the next user.
 */
function question(timeoutMs: number): string {
  return `BEGIN READ ONLY; SET LOCAL statement_timeout = ${Math.ceil(timeoutMs)}; SELECT 1; COMMIT`;
}

function inWords(error: unknown): unknown {
  if (!(error instanceof DatabaseError) || error.code === undefined) return error;
  const failure = bySqlState[error.code] ?? "other";
  return new WrongAnswer(failure, `${error.message} (SQLSTATE ${error.code})`);
}
