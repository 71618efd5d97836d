// MongoDB's wire protocol, as much of it as the driver speaks to a fake: OP_MSG with one body, and OP_QUERY, in which
// the very first hello still comes. https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/
import { BSON, type Document } from "mongodb";

const OP_REPLY = 1;
const OP_QUERY = 2004;
const OP_MSG = 2013;
const HEADER_BYTES = 16;

/** Takes the chunks of a connection, gives whole commands. */
export function makeWireReader(onCommand: (requestId: number, command: Document, legacy: boolean) => void) {
  let rest = Buffer.alloc(0);
  return (chunk: Buffer): void => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= HEADER_BYTES && rest.length >= rest.readInt32LE(0)) {
      const length = rest.readInt32LE(0);
      const message = rest.subarray(0, length);
      rest = rest.subarray(length);
      const legacy = message.readInt32LE(12) === OP_QUERY;
      onCommand(message.readInt32LE(4), legacy ? queryOf(message) : bodyOf(message), legacy);
    }
  };
}

/** flags, then sections of which the first is the body. */
function bodyOf(message: Buffer): Document {
  return documentAt(message, HEADER_BYTES + 4 + 1);
}

/** flags, name of the collection, skip, limit, body. */
function queryOf(message: Buffer): Document {
  return documentAt(message, message.indexOf(0, HEADER_BYTES + 4) + 1 + 8);
}

function documentAt(message: Buffer, at: number): Document {
  return BSON.deserialize(message.subarray(at, at + message.readInt32LE(at)));
}

export function wireReply(responseTo: number, document: Document, legacy: boolean): Buffer {
  const body = BSON.serialize(document);
  const before = Buffer.alloc(legacy ? 20 : 5);
  if (legacy) before.writeInt32LE(1, 16);
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeInt32LE(HEADER_BYTES + before.length + body.length, 0);
  header.writeInt32LE(1, 4);
  header.writeInt32LE(responseTo, 8);
  header.writeInt32LE(legacy ? OP_REPLY : OP_MSG, 12);
  return Buffer.concat([header, before, body]);
}
