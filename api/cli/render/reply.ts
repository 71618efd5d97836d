// An answer of the chat: each claim with its records, then what a person may do.
import type { ChatReply } from "../../chat.ts";
import type { Paint } from "../terminal.ts";
import { harmlessText } from "./harmless.ts";

export function renderReply(
  { claims, note, commands, conversation_id: id }: ChatReply,
  paint: Paint,
): string {
  const told = claims.map(({ text, citations }) => {
    const records = citations.map((one) => one.id).join(", ");
    return `${harmlessText(text)} ${paint("dim", `[${harmlessText(records)}]`)}`;
  });
  return [
    ...told,
    ...(note === null ? [] : [harmlessText(note)]),
    ...commands.map((one) => `  ${paint("cyan", harmlessText(one))}`),
    paint("dim", `Ask on with --conversation ${id}`),
  ].join("\n");
}
