// Asks a question with those before it, as one conversation, and says what its answer lacks.
import type { ChatReply } from "../../api/chat.ts";
import type { Operations } from "../../api/operations.ts";
import type { Expected } from "./expected.ts";

const ada = { name: "ada", role: "viewer", door: "cli" } as const;

export async function asked(
  operations: Pick<Operations, "ask">,
  { ask }: Pick<Expected, "ask">,
): Promise<ChatReply> {
  let reply: ChatReply | undefined;
  for (const question of typeof ask === "string" ? [ask] : ask) {
    const more = reply && { conversation_id: reply.conversation_id };
    reply = await operations.ask({ question, timezone: "UTC", ...more }, ada);
  }
  if (reply === undefined) throw new Error("nothing was asked");
  return reply;
}

/** Empty: everything that was expected is there. Facts count only in claims, never in what tells how to ask. */
export function missing(reply: ChatReply, { has, lacks = [], cites = [], unknown }: Expected): string[] {
  const told = [...reply.claims.map((one) => one.text), ...reply.commands].join("\n");
  const text = `${told}\n${reply.note?.split(" I can answer from")[0] ?? ""}`;
  const holds = (one: string | RegExp): boolean =>
    typeof one === "string" ? text.includes(one) : one.test(text);
  const cited = new Set(reply.citations.map((one) => one.id));
  return [
    ...has.filter((one) => !holds(one)).map((one) => `lacks ${String(one)}`),
    ...lacks.filter((one) => holds(one)).map((one) => `must not say ${String(one)}`),
    ...cites.filter((one) => !cited.has(one)).map((one) => `does not cite ${one}`),
    ...(unknown && reply.claims.length > 0 ? ["claims something that it cannot know"] : []),
    ...(!unknown && reply.claims.length === 0 && cites.length > 0 ? ["claims nothing"] : []),
  ];
}
