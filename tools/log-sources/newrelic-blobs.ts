// New Relic keeps 4,094 characters of a message beside the event and the rest in a blob, of which a query gives at
// most 20. https://docs.newrelic.com/docs/logs/ui-data/long-logs-blobs/
import type { Fields } from "./fields.ts";
import type { AskNrql } from "./newrelic.ts";

const LONGEST_TEXT = 4_094;
const MOST_BLOBS = 20;
/** In a flood of long messages their beginnings must do: so many further queries a page, no more. */
const MOST_QUERIES = 5;

export async function withWholeMessages(
  rows: Fields[],
  nrql: AskNrql,
  signal: AbortSignal,
): Promise<Fields[]> {
  const long = rows.flatMap(({ message, messageId }) =>
    typeof message === "string" && message.length >= LONGEST_TEXT && typeof messageId === "string"
      ? [messageId]
      : [],
  );
  const rests = new Map<string, string>();
  for (let start = 0; start < Math.min(long.length, MOST_QUERIES * MOST_BLOBS); start += MOST_BLOBS) {
    const ids = long.slice(start, start + MOST_BLOBS);
    for (const row of await nrql(blobQuery(ids, rows), signal)) {
      const blob = row["newrelic.ext.message"] ?? row["blob(newrelic.ext.message)"] ?? row["rest"];
      if (typeof row["messageId"] === "string" && typeof blob === "string")
        rests.set(row["messageId"], decoded(blob));
    }
  }
  if (rests.size === 0) return rows;
  return rows.map((row) => {
    const rest = rests.get(row["messageId"] as string);
    return rest === undefined ? row : { ...row, message: `${row["message"] as string}${rest}` };
  });
}

function blobQuery(ids: readonly string[], rows: readonly Fields[]): string {
  const times = rows.map(({ timestamp }) => Number(timestamp)).filter(Number.isFinite);
  const [from, to] = [Math.min(...times), Math.max(...times) + 1];
  const list = ids.map(literal).join(", ");
  return `SELECT messageId, blob(\`newrelic.ext.message\`) AS 'rest' FROM Log WHERE messageId IN (${list}) SINCE ${from} UNTIL ${to} LIMIT ${MOST_BLOBS}`;
}

/** A string literal of NRQL; ids come from outside as well. */
function literal(text: string): string {
  return `'${text.replace(/[\\']/g, (one) => `\\${one}`)}'`;
}

/** NerdGraph gives blobs as base64 in places and as text in others. */
function decoded(blob: string): string {
  const base64 = blob.length % 4 === 0 && /^[A-Za-z0-9+/]{8,}={0,2}$/.test(blob);
  return base64 ? Buffer.from(blob, "base64").toString("utf8") : blob;
}
