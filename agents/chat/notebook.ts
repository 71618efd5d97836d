// What was read for one answer. A claim may rest only on what stands in here, under the id with which it was read.
import type { Citation, RecordKind } from "./reply.ts";

export interface NotedRecord extends Citation {
  /** Everything that the record says, in words: what a model is shown, and where numbers of its claims must occur. */
  text: string;
  /** Whose it is, where it is one service's. */
  service: string | null;
  /** Unix ms. */
  at: number;
}

export interface Notebook {
  note(record: NotedRecord): void;
  get(citation: Citation): NotedRecord | undefined;
  /** By its id alone, as a model gives it. */
  byId(id: string): NotedRecord | undefined;
  /** In the order in which they were read. */
  all(): NotedRecord[];
}

const key = (kind: RecordKind, id: string): string => `${kind} ${id}`;

export function makeNotebook(): Notebook {
  const records = new Map<string, NotedRecord>();
  return {
    note(record) {
      // A later reading of the same record may know more of it; nothing that was read is forgotten.
      const before = records.get(key(record.kind, record.id));
      const text =
        before && !record.text.includes(before.text) ? `${before.text}\n${record.text}` : record.text;
      records.set(key(record.kind, record.id), { ...record, text });
    },
    get: ({ kind, id }) => records.get(key(kind, id)),
    byId: (id) => [...records.values()].find((one) => one.id === id),
    all: () => [...records.values()],
  };
}
