// The order in which a MongoDB collection is scanned: one that an index has, and in which new documents come last.
import { BSON, type Document, type Filter, ObjectId } from "mongodb";

export interface Order {
  sort: Record<string, 1>;
  since(from: number): Filter<Document>;
  behind(place: string): Filter<Document>;
  standsAt(fields: Document): number;
  placeOf(fields: Document): string;
}

export const byId: Order = {
  sort: { _id: 1 },
  since: (from) => ({ _id: { $gte: new ObjectId(`${hexSeconds(from)}0000000000000000`) } }),
  behind: (place) => ({ _id: { $gt: new ObjectId(place) } }),
  standsAt: ({ _id: id }: { _id?: unknown }) => (id instanceof ObjectId ? id.getTimestamp().getTime() : 0),
  placeOf: ({ _id: id }: { _id?: unknown }) => (id instanceof ObjectId ? id.toHexString() : ""),
};

/** For ids that say nothing of time; the field must hold dates, and have an index. */
export function byTime(field: string): Order {
  const timeIn = (fields: Document) => (fields[field] instanceof Date ? fields[field].getTime() : 0);
  return {
    sort: { [field]: 1, _id: 1 },
    since: (from) => ({ [field]: { $gte: new Date(from) } }),
    behind(place) {
      const { at, id } = BSON.EJSON.parse(place) as { at: number; id: ObjectId };
      return { $or: [{ [field]: { $gt: new Date(at) } }, { [field]: new Date(at), _id: { $gt: id } }] };
    },
    standsAt: timeIn,
    placeOf: (fields) => {
      const { _id: id } = fields as { _id: unknown };
      return BSON.EJSON.stringify({ at: timeIn(fields), id });
    },
  };
}

function hexSeconds(ms: number): string {
  const seconds = Math.min(Math.max(0, Math.floor(ms / 1_000)), 0xffffffff);
  return seconds.toString(16).padStart(8, "0");
}
