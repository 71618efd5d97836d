// Imitates one member of a MongoDB replica set, in the wire protocol, for the official driver: hello, find, getMore,
// aggregate with $changeStream. It keeps its oplog only so long, gives batches of its own size, knows no cursor of
// another connection, and is no replica set when told so.
// https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/
import { once } from "node:events";
import net, { type AddressInfo } from "node:net";
import { BSON, type Document, ObjectId, Timestamp } from "mongodb";
import { compareBy, matches } from "./mongodb-query.ts";
import { makeWireReader, wireReply } from "./mongodb-wire.ts";

export interface FakeMongo extends AsyncDisposable {
  url: string;
  insert(documents: Document[]): void;
  /** Changes before now are forgotten. */
  dropHistory(): void;
  /** The next answers to reads are this: a document, a cut connection, or none at all. */
  fail(how: Document | "cut" | "silence", times?: number): void;
  waiting(): number;
  commands: Document[];
}

interface OpenCursor {
  rest: () => Document[];
  stream: boolean;
}

const BATCH = 101;
const reads = ["find", "aggregate", "getMore"];

const token = (place: number) => ({ _data: place.toString(16).padStart(16, "0") });

export async function startMongo({ replicaSet = true }: { replicaSet?: boolean } = {}): Promise<FakeMongo> {
  const stored: Document[] = [];
  const oplog: Document[] = [];
  const failures: (Document | "cut" | "silence")[] = [];
  const cursors = new Map<string, OpenCursor>();
  const commands: Document[] = [];
  const sockets = new Set<net.Socket>();
  let oldest = 0;
  let cursorIds = 0;
  let waiting = 0;
  let address = "";

  function run(command: Document): Document {
    const name = Object.keys(command)[0] ?? "";
    if (["hello", "ismaster", "isMaster"].includes(name)) return hello();
    if (name === "find") return find(command);
    if (name === "aggregate") return watch(command);
    if (name === "getMore") return getMore(command);
    return { ok: 1 };
  }

  function hello(): Document {
    const set = { setName: "rs0", setVersion: 1, hosts: [address], primary: address, me: address };
    return {
      ok: 1,
      helloOk: true,
      isWritablePrimary: true,
      ismaster: true,
      maxBsonObjectSize: 16_777_216,
      maxMessageSizeBytes: 48_000_000,
      maxWriteBatchSize: 100_000,
      minWireVersion: 0,
      maxWireVersion: 21,
      localTime: new Date(),
      ...(replicaSet ? set : {}),
    };
  }

  function find({ find: collection, filter, sort, limit }: Document): Document {
    const keys = Object.keys(sort as Document);
    // There are two indexes: of _id, and of timestamp.
    if (!["_id", "timestamp,_id"].includes(keys.join())) return refuse(292, "Sort exceeded memory limit");
    const found = stored
      .filter((one) => matches(one, filter as Document))
      .sort((a, b) => compareBy(keys, a, b))
      .slice(0, Number(limit));
    return opened(`${collection}`, { rest: () => found, stream: false });
  }

  function watch({ aggregate: collection, pipeline }: Document): Document {
    if (!replicaSet) return refuse(40573, "The $changeStream stage is only supported on replica sets");
    const [{ $changeStream }] = pipeline as [{ $changeStream: { startAfter?: { _data: string } } }];
    let place = Number.parseInt($changeStream.startAfter?.["_data"] ?? oplog.length.toString(16), 16);
    if (place < oldest)
      return refuse(286, "Resume of change stream was not possible", "ChangeStreamHistoryLost");
    const rest = () => {
      const found = oplog.slice(place);
      place = oplog.length;
      return found;
    };
    return opened(`${collection}`, { rest, stream: true });
  }

  function opened(collection: string, cursor: OpenCursor): Document {
    const id = (cursorIds += 1);
    cursors.set(String(id), cursor);
    return batch(String(id), collection, "firstBatch");
  }

  function getMore({ getMore: id, collection }: Document): Document {
    return cursors.has(String(id))
      ? batch(String(id), `${collection}`, "nextBatch")
      : refuse(43, "cursor not found");
  }

  function batch(id: string, collection: string, name: "firstBatch" | "nextBatch"): Document {
    const cursor = cursors.get(id);
    const all = cursor?.rest() ?? [];
    const some = all.slice(0, BATCH);
    const rest = all.slice(BATCH);
    if (cursor?.stream === false) cursor.rest = () => rest;
    else if (cursor !== undefined && rest.length > 0) keepRest(cursor, rest);
    const open = cursor?.stream === true || rest.length > 0;
    if (!open) cursors.delete(id);
    const last = (some.at(-1) as { _id: Document } | undefined)?.["_id"];
    const place = cursor?.stream ? { postBatchResumeToken: last ?? token(oplog.length) } : {};
    return {
      ok: 1,
      cursor: { id: BSON.Long.fromString(open ? id : "0"), ns: `app.${collection}`, [name]: some, ...place },
    };
  }

  function answer(socket: net.Socket, requestId: number, command: Document, legacy: boolean): void {
    const name = Object.keys(command)[0] ?? "";
    if (name !== "hello" && name !== "ismaster") commands.push(command);
    const failure = reads.includes(name) ? failures.shift() : undefined;
    if (failure === "silence") {
      waiting += 1;
      socket.on("close", () => {
        waiting -= 1;
      });
      return;
    }
    if (failure === "cut") {
      const whole = wireReply(requestId, run(command), legacy);
      socket.write(whole.subarray(0, Math.floor(whole.length / 2)));
      setImmediate(() => socket.destroy());
      return;
    }
    socket.write(wireReply(requestId, failure ?? run(command), legacy));
  }

  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {}).on("close", () => sockets.delete(socket));
    const reader = makeWireReader((id, command, legacy) => answer(socket, id, command, legacy));
    socket.on("data", reader);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  address = `127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    url: `mongodb://${address}/app${replicaSet ? "?replicaSet=rs0" : "?directConnection=true"}`,
    commands,
    waiting: () => waiting,
    insert(documents) {
      for (const document of documents) {
        stored.push(document);
        oplog.push(changeOf(document, token(oplog.length + 1)));
      }
    },
    dropHistory() {
      oldest = oplog.length + 1;
      oplog.push({ operationType: "noop", _id: token(oplog.length + 1) });
    },
    fail: (how, times = 1) => void failures.push(...Array.from({ length: times }, () => how)),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close").catch(() => {});
    },
  };
}

function keepRest(cursor: OpenCursor, rest: Document[]): void {
  const more = cursor.rest;
  cursor.rest = () => {
    cursor.rest = more;
    return [...rest, ...more()];
  };
}

function changeOf(document: Document, id: Document): Document {
  const { _id: key } = document as { _id: unknown };
  return {
    _id: id,
    operationType: "insert",
    clusterTime: new Timestamp({
      t: key instanceof ObjectId ? key.getTimestamp().getTime() / 1_000 : 1,
      i: 1,
    }),
    ns: { db: "app", coll: "logs" },
    documentKey: { _id: key },
    fullDocument: document,
  };
}

function refuse(code: number, errmsg: string, codeName = ""): Document {
  return { ok: 0, code, codeName, errmsg };
}
