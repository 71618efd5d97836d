// ask: a question in words. With -i one after the other, until an empty line or the end of input.
import type { ChatReply, ChatRequest } from "../../chat.ts";
import type { Operations } from "../../operations.ts";
import { answer, type CliContext, type Command, isSet, textOption } from "../context.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { renderReply } from "../render/reply.ts";
import { harmless } from "../render/harmless.ts";
import { usageError } from "./options.ts";

export const ask: Command = async (context, [question], options) => {
  const request = {
    incident_id: textOption(options, "incident"),
    conversation_id: textOption(options, "conversation"),
    timezone: Intl.DateTimeFormat().resolvedOptions().timeZone,
  };
  if (isSet(options, "interactive"))
    return context.withOperations((operations) => session(context, operations, question, request));
  if (question === undefined || question.trim() === "")
    throw usageError("There is no question", 'Write for example: opsmedic ask "what happened last night?"');
  return context.withOperations(async (operations) => {
    const reply = await operations.ask(given({ question, ...request }), context.actor);
    return answer(reply, (one) => renderReply(one, context.terminal.paint));
  });
};

type Begin = Omit<ChatRequest, "question">;

/** Each answer is told as it comes; with --json it is one line a reply. */
async function session(
  context: CliContext,
  operations: Operations,
  first: string | undefined,
  begin: Begin,
): Promise<ExitCode> {
  const { terminal, signal } = context;
  const { json } = context.options;
  const lines = terminal.lines?.(json || !terminal.interactive ? "" : "> ", signal) ?? [];
  let conversation = begin.conversation_id;
  const put = async (question: string): Promise<void> => {
    const request = given({ question, ...begin, conversation_id: conversation });
    let reply: ChatReply;
    if (json) {
      reply = await operations.ask(request, context.actor);
      terminal.out(`${JSON.stringify(reply)}\n`);
    } else {
      reply = await operations.ask(request, context.actor, (one) => {
        if (one.event === "token") terminal.out(harmless(one.text));
      });
      terminal.out("\n");
    }
    conversation = reply.conversation_id;
  };
  if (first !== undefined && first.trim() !== "") await put(first);
  for await (const line of lines) {
    if (line.trim() === "" || /^(exit|quit|bye)$/i.test(line.trim())) break;
    await put(line);
  }
  if (conversation !== undefined)
    context.progress(`Go on later with: opsmedic ask --conversation ${conversation} "…"`);
  return EXIT.ok;
}

/** Without what was left away. */
function given(request: ChatRequest): ChatRequest {
  return Object.fromEntries(
    Object.entries(request).filter(([, value]) => value !== undefined),
  ) as unknown as ChatRequest;
}
