// The three questions that a log source asks of a MongoDB collection, and the driver's part in them.
// https://www.mongodb.com/docs/drivers/node/current/
import { BSON, type ChangeStreamInsertDocument, type Document, MongoClient, ObjectId } from "mongodb";
import type { JsonObject } from "../../domain/json.ts";
import { byId, byTime, type Order } from "./mongodb-order.ts";
import { SourceError } from "./source-error.ts";

export interface LogDocument {
  id: string;
  /** Its time field, or when its id was made (exact to the second); 0 where neither tells. Milliseconds. */
  standsAt: number;
  /** Where a scan goes on behind it. */
  place: string;
  fields: Record<string, unknown>;
}

export interface MongoCollection {
  /** Documents in their order, from this time on or behind this place. */
  since(
    page: { from: number; after: string | undefined; limit: number },
    signal: AbortSignal,
  ): Promise<LogDocument[]>;
  /** Where the change stream stands now. */
  streamToken(signal: AbortSignal): Promise<JsonObject>;
  /** Inserts behind the token; `end` where the stream has shown all it has. */
  changes(
    page: { token: JsonObject | undefined; limit: number },
    signal: AbortSignal,
  ): Promise<{ documents: LogDocument[]; next: JsonObject; end: boolean }>;
  close(): Promise<void>;
}

export function openMongo(
  { url, collection, timeField }: { url: string; collection: string; timeField?: string | undefined },
  timeoutMs: number,
): MongoCollection {
  const order = timeField === undefined ? byId : byTime(timeField);
  const client = new MongoClient(url, {
    appName: "opsmedic",
    readPreference: "secondaryPreferred",
    // Within the limit of the whole question, so that it is said who could not be reached and why.
    serverSelectionTimeoutMS: Math.ceil(timeoutMs / 2),
    connectTimeoutMS: Math.ceil(timeoutMs / 2),
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
      const options = { sort: order.sort, limit, batchSize: limit, maxTimeMS: timeoutMs, signal };
      const filter = after === undefined ? order.since(from) : order.behind(after);
      const found = await logs.find(filter, options).toArray();
      return found.map((fields) => documentOf(fields, order));
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
          const document = documentOf(change.fullDocument, order);
          const told = (change.clusterTime?.getHighBits() ?? 0) * 1_000;
          documents.push({ ...document, standsAt: document.standsAt || told });
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

function documentOf(fields: Document, order: Order): LogDocument {
  const { _id: id } = fields as { _id: unknown };
  return {
    id: id instanceof ObjectId ? id.toHexString() : BSON.EJSON.stringify({ id }),
    standsAt: order.standsAt(fields),
    place: order.placeOf(fields),
    fields,
  };
}
