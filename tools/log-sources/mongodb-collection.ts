// The three questions that a log source asks of a MongoDB collection, and the driver's part in them.
// https://www.mongodb.com/docs/drivers/node/current/
import { type ChangeStreamInsertDocument, type Document, MongoClient, ObjectId } from "mongodb";
import type { JsonObject } from "../../domain/json.ts";
import { SourceError } from "./source-error.ts";

export interface LogDocument {
  id: string;
  /** When its id was made, in milliseconds, exact to the second; a foreign id stands at the time it was read. */
  standsAt: number;
  fields: Record<string, unknown>;
}

export interface MongoCollection {
  /** Documents by _id, from this time on or behind this id. */
  since(
    page: { from: number; after: string | undefined; limit: number },
    signal: AbortSignal,
  ): Promise<LogDocument[]>;
  /** Where the change stream stands now. */
  streamToken(signal: AbortSignal): Promise<JsonObject>;
  /** Inserts behind the token; `end` when there are no more for now. */
  changes(
    page: { token: JsonObject | undefined; limit: number },
    signal: AbortSignal,
  ): Promise<{ documents: LogDocument[]; next: JsonObject; end: boolean }>;
  close(): Promise<void>;
}

export function openMongo(
  { url, collection }: { url: string; collection: string },
  timeoutMs: number,
): MongoCollection {
  const client = new MongoClient(url, {
    appName: "opsmedic",
    readPreference: "secondaryPreferred",
    serverSelectionTimeoutMS: timeoutMs,
    connectTimeoutMS: timeoutMs,
    maxPoolSize: 2,
    // The runner tries again, at its pace.
    retryReads: false,
  });
  const logs = collectionOf(client, collection);

  async function withStream<T>(
    token: JsonObject | undefined,
    batchSize: number,
    signal: AbortSignal,
    read: (
      next: () => Promise<ChangeStreamInsertDocument | null>,
      resumeToken: () => JsonObject,
    ) => Promise<T>,
  ): Promise<T> {
    const stream = logs.watch<Document, ChangeStreamInsertDocument>(
      [{ $match: { operationType: "insert" } }],
      {
        batchSize,
        maxAwaitTimeMS: 1,
        ...(token === undefined ? {} : { startAfter: token }),
      },
    );
    const stop = () => void stream.close().catch(() => {});
    signal.addEventListener("abort", stop, { once: true });
    try {
      return await read(
        () => stream.tryNext(),
        () => stream.resumeToken as JsonObject,
      );
    } finally {
      signal.removeEventListener("abort", stop);
      await stream.close().catch(() => {});
    }
  }

  return {
    async since({ from, after, limit }, signal) {
      const begin = new ObjectId(`${hexSeconds(from)}0000000000000000`);
      const range = after === undefined ? { $gte: begin } : { $gt: new ObjectId(after) };
      const options = { sort: { _id: 1 as const }, limit, batchSize: limit, maxTimeMS: timeoutMs, signal };
      const found = await logs.find({ _id: range }, options).toArray();
      return found.map(documentOf);
    },
    streamToken: (signal) =>
      withStream(undefined, 1, signal, async (next, resumeToken) => {
        await next();
        return resumeToken();
      }),
    changes: ({ token, limit }, signal) =>
      withStream(token, limit, signal, async (next, resumeToken) => {
        const documents: LogDocument[] = [];
        while (documents.length < limit) {
          const change = await next();
          if (change === null) return { documents, next: resumeToken(), end: true };
          documents.push(documentOf(change.fullDocument));
        }
        return { documents, next: resumeToken(), end: false };
      }),
    close: () => client.close(true),
  };
}

function collectionOf(client: MongoClient, name: string) {
  const dot = name.indexOf(".");
  const [database, collection] = dot === -1 ? [undefined, name] : [name.slice(0, dot), name.slice(dot + 1)];
  if (collection !== "") return client.db(database).collection(collection);
  throw new SourceError(`"${name}" names no collection`, {
    code: "source-question",
    hint: "Write database.collection.",
  });
}

function hexSeconds(ms: number): string {
  const seconds = Math.min(Math.max(0, Math.floor(ms / 1_000)), 0xffffffff);
  return seconds.toString(16).padStart(8, "0");
}

function documentOf(fields: Document): LogDocument {
  const { _id: id } = fields as { _id: unknown };
  const own = id instanceof ObjectId;
  return {
    id: own ? id.toHexString() : JSON.stringify(id),
    standsAt: own ? id.getTimestamp().getTime() : 0,
    fields,
  };
}
