// ask: what it asks for, and what it prints; -i goes on with the conversation.
import { describe, expect, it } from "vitest";
import type { ChatReply, ChatRequest } from "../../api/chat.ts";
import type { Operations } from "../../api/operations.ts";
import { makeCli } from "../../api/cli.ts";
import { fakeOperations } from "./fake-operations.ts";
import { runCli, surroundings } from "./run-cli.ts";

const reply: ChatReply = {
  conversation_id: "conv_1",
  answer: "web is slow. [inc_1]\n  opsmedic approvals show apr_1",
  intent: "trouble",
  claims: [{ text: "web is \u001b[31mslow.", citations: [{ kind: "incident", id: "inc_1" }] }],
  note: null,
  commands: ["opsmedic approvals show apr_1"],
  citations: [{ kind: "incident", id: "inc_1" }],
  by: "rules",
};

const timezone = Intl.DateTimeFormat().resolvedOptions().timeZone;
const ada = { name: "ada", role: "admin", door: "cli" };

function askable() {
  const asked: ChatRequest[] = [];
  const ask: Operations["ask"] = async (request, _actor, onEvent) => {
    asked.push(request);
    onEvent?.({ event: "token", text: "web is slow.\u001b[2J" });
    return reply;
  };
  return { asked, ...fakeOperations({ ask }) };
}

function typing(operations: Operations, lines: string[]) {
  const world = surroundings(operations);
  world.dependencies.terminal.lines = async function* () {
    yield* lines;
  };
  return world;
}

describe("opsmedic ask", () => {
  it("prints claims with their records, and nothing that could command the terminal", async () => {
    const { operations, calls } = askable();
    const { code, out } = await runCli(
      ["ask", "why is web slow?", "--incident", "inc_1", "--conversation", "conv_1"],
      operations,
    );
    expect(calls).toEqual([
      [
        "ask",
        { question: "why is web slow?", incident_id: "inc_1", conversation_id: "conv_1", timezone },
        ada,
      ],
    ]);
    expect(code).toBe(0);
    expect(out).toBe(
      "web is �[31mslow. [inc_1]\n  opsmedic approvals show apr_1\nAsk on with --conversation conv_1\n",
    );
  });

  it("gives one document with --json, and a usage error without a question", async () => {
    const { operations } = askable();
    const { out } = await runCli(["ask", "why?", "--json"], operations);
    expect(JSON.parse(out)).toMatchObject({ conversation_id: "conv_1", citations: [{ id: "inc_1" }] });
    expect(await runCli(["ask"], operations)).toMatchObject({ code: 2, out: "" });
  });

  it("asks on in one conversation with -i, told as it comes, until an empty line", async () => {
    const { operations, asked } = askable();
    const { dependencies, printed } = typing(operations, ["and why?", "", "never asked"]);
    expect(await makeCli(dependencies).run(["ask", "what is slow?", "-i"])).toBe(0);
    expect(asked).toEqual([
      { question: "what is slow?", timezone },
      { question: "and why?", timezone, conversation_id: "conv_1" },
    ]);
    expect(printed.out).toBe("web is slow.�[2J\nweb is slow.�[2J\n");
    expect(printed.err).toContain("--conversation conv_1");
  });

  it("gives a line of JSON a reply with -i --json", async () => {
    const { operations } = askable();
    const { dependencies, printed } = typing(operations, ["one?", "two?"]);
    expect(await makeCli(dependencies).run(["ask", "-i", "--json"])).toBe(0);
    const lines = printed.out.trim().split("\n");
    expect(lines.map((one) => (JSON.parse(one) as ChatReply).conversation_id)).toEqual(["conv_1", "conv_1"]);
    expect(printed.err).toBe("");
  });
});
