// Log templates of a file, as the live miner finds them. A line's group may become more general after the line came,
// and the form of the lines shows only after some of them: the answers are given when the file was read.
import { closeSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { makeTemplateMiner, type TemplateMiner } from "../../signals/templates/miner.ts";

const SERVICE = "input";
const CHUNK = 1 << 18;
const NEW_LINE = 10;

/** Lines that are asked about once more at the end: the form of the lines was not known when they came. */
const EARLY = 4_096;

/** Reads lines of text; writes {"id", "template"} for each line, in order. */
export async function templates({ input, output }: { input: string; output: string }): Promise<void> {
  const miner = makeTemplateMiner();
  const ids: string[] = [];
  const early: string[] = [];
  for (const chunk of chunksOf(readFileSync(input))) {
    for (const line of chunk.split("\n")) {
      if (early.length < EARLY) early.push(line);
      ids.push(miner.add(SERVICE, line).id);
    }
  }
  for (const [index, line] of early.entries())
    ids[index] = miner.find(SERVICE, line)?.id ?? (ids[index] as string);
  writeAll(output, answersOf(miner, ids));
}

function answersOf(miner: TemplateMiner, ids: readonly string[]): Buffer[] {
  const answers = new Map<string, Buffer>();
  for (const id of new Set(ids)) {
    const { template = "", id: own = id } = miner.template(SERVICE, id) ?? {};
    answers.set(id, Buffer.from(`${JSON.stringify({ id: own, template })}\n`));
  }
  return ids.map((id) => answers.get(id) as Buffer);
}

/** Whole lines, without the last line's end. */
function* chunksOf(bytes: Buffer): Generator<string> {
  for (let from = 0; from < bytes.length; ) {
    const found = from + CHUNK < bytes.length ? bytes.indexOf(NEW_LINE, from + CHUNK) : -1;
    const end = found === -1 ? bytes.length : found;
    yield bytes.toString("utf8", from, found === -1 && bytes.at(-1) === NEW_LINE ? end - 1 : end);
    from = end + 1;
  }
}

function writeAll(path: string, parts: readonly Buffer[]) {
  const file = openSync(path, "w");
  const chunk = Buffer.allocUnsafe(CHUNK);
  let size = 0;
  const flush = () => {
    writeFileSync(file, chunk.subarray(0, size));
    size = 0;
  };
  for (const part of parts) {
    if (size + part.length > CHUNK) flush();
    if (part.length > CHUNK) writeFileSync(file, part);
    else size += part.copy(chunk, size);
  }
  flush();
  closeSync(file);
}
