// Log templates of a file, as the live miner finds them. A line's group may become more general after the line came,
// and the form of the lines shows only after some of them: the answers are given when the file was read.
import { readFileSync, writeFileSync } from "node:fs";
import { makeTemplateMiner } from "../../signals/templates/miner.ts";

const SERVICE = "input";

/** Reads lines of text; writes {"id", "template"} for each line, in order. */
export async function templates({ input, output }: { input: string; output: string }): Promise<void> {
  const lines = readFileSync(input, "utf8").split("\n");
  if (lines.at(-1) === "") lines.pop();
  const miner = makeTemplateMiner();
  const ids = lines.map((line) => miner.add(SERVICE, line).id);
  const answers = new Map<string, string>();
  const answerOf = (id: string): string => {
    const { template = "", id: own = id } = miner.template(SERVICE, id) ?? {};
    return JSON.stringify({ id: own, template });
  };
  const written = ids.map((id) => {
    const answer = answers.get(id) ?? answerOf(id);
    answers.set(id, answer);
    return answer;
  });
  writeFileSync(output, `${written.join("\n")}\n`);
}
