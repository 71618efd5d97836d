// Conversations of the chat, kept so that a follow-up question knows what it follows. Each belongs to whoever began
// it; to others it does not exist. Bounded: the latest turns of a conversation, the latest conversations of an owner.
import { z } from "zod";
import type { Clock, MakeId } from "../domain/clock.ts";
import { jsonObjectSchema, type JsonObject } from "../domain/json.ts";
import type { Queryable } from "./db.ts";
import { int8, rowsAs, whole } from "./rows.ts";
import { jsonParam } from "./storable.ts";

export interface Turn {
  /** Unix ms. */
  at: number;
  question: string;
  answer: string;
}

export interface Conversation {
  id: string;
  owner: string;
  /** What it is about, as the chat wrote it. */
  topic: JsonObject;
  /** Oldest first. */
  turns: Turn[];
  beganAt: number;
  updatedAt: number;
}

export interface Conversations {
  /** undefined: there is none, or it is somebody else's. */
  get(id: string, owner: string): Promise<Conversation | undefined>;
  /** Begins one where `id` is undefined; returns its id. undefined: there is none of this owner. */
  add(id: string | undefined, owner: string, turn: Turn, topic: object): Promise<string | undefined>;
  /** Those that nobody went on with since; how many went. */
  prune(olderThan: number): Promise<number>;
}

const MOST_TURNS = 50;
const MOST_OF_OWNER = 200;
const LONGEST = 20_000;

const turnSchema = z.object({ at: z.number(), question: z.string(), answer: z.string() });
const conversationRow: z.ZodType<Conversation> = z.object({
  id: z.string(),
  owner: z.string(),
  topic: jsonObjectSchema,
  turns: z.array(turnSchema),
  beganAt: int8,
  updatedAt: int8,
});
const columns = `id, owner, topic, turns, began_at as "beganAt", updated_at as "updatedAt"`;

export function makeConversations(db: Queryable, clock: Pick<Clock, "now">, makeId: MakeId): Conversations {
  async function begin(owner: string, turn: Turn, topic: object): Promise<string> {
    const id = makeId("conv");
    const now = whole(clock.now());
    await db.query(
      `insert into opsmedic.conversations (id, owner, topic, turns, began_at, updated_at)
       values ($1, $2, $3::jsonb, $4::jsonb, $5, $5)`,
      [id, owner, jsonParam(topic), jsonParam([turn]), now],
    );
    await db.query(
      `delete from opsmedic.conversations where owner = $1 and id in (
         select id from opsmedic.conversations where owner = $1 order by updated_at desc, id desc offset ${MOST_OF_OWNER})`,
      [owner],
    );
    return id;
  }

  return {
    async get(id, owner) {
      const rows = await db.query(
        `select ${columns} from opsmedic.conversations where id = $1 and owner = $2`,
        [id, owner],
      );
      return rowsAs(conversationRow, rows, "a conversation")[0];
    },
    async add(id, owner, { at, question, answer }, topic) {
      const turn = { at: whole(at), question: question.slice(0, LONGEST), answer: answer.slice(0, LONGEST) };
      if (id === undefined) return begin(owner, turn, topic);
      // One statement, so that two questions at once lose neither.
      const [row] = await db.query<{ id: string }>(
        `update opsmedic.conversations set topic = $3::jsonb, updated_at = $5,
           turns = (select coalesce(jsonb_agg(one order by place), '[]'::jsonb) from (
             select one, place from jsonb_array_elements(turns || $4::jsonb) with ordinality as all_turns(one, place)
             order by place desc limit ${MOST_TURNS}) as latest)
         where id = $1 and owner = $2 returning id`,
        [id, owner, jsonParam(topic), jsonParam([turn]), whole(clock.now())],
      );
      return row?.id;
    },
    async prune(olderThan) {
      const rows = await db.query("delete from opsmedic.conversations where updated_at < $1 returning id", [
        whole(olderThan),
      ]);
      return rows.length;
    },
  };
}
