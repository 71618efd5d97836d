// Where the command line writes: data on stdout, everything else on stderr. Colour only where a person looks.
import { styleText } from "node:util";

export type Style = "bold" | "dim" | "red" | "green" | "yellow" | "cyan";
/** Gives a text a look, or leaves it alone. */
export type Paint = (style: Style, text: string) => string;

export const plain: Paint = (_, text) => text;

export interface Terminal {
  out(text: string): void;
  err(text: string): void;
  /** For stdout: honours NO_COLOR, FORCE_COLOR and pipes. */
  paint: Paint;
  /** Somebody can answer a question. */
  interactive: boolean;
  /** One line of an answer; only asked where `interactive`. */
  ask(question: string): Promise<string>;
  /** What is typed or piped in, line by line, until it ends or `signal` aborts. Absent: nobody types. */
  lines?(prompt: string, signal: AbortSignal): AsyncIterable<string>;
}

/** The process's own terminal. */
export function processTerminal(): Terminal {
  for (const stream of [process.stdout, process.stderr]) stream.on("error", leaveQuietly);
  return {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    paint: (style, text) => styleText(style, text, { stream: process.stdout }),
    interactive: process.stdin.isTTY && process.stderr.isTTY,
    async ask(question) {
      const { createInterface } = await import("node:readline/promises");
      const lines = createInterface({ input: process.stdin, output: process.stderr });
      try {
        return await lines.question(question);
      } finally {
        lines.close();
      }
    },
    lines: typedLines,
  };
}

async function* typedLines(prompt: string, signal: AbortSignal): AsyncGenerator<string> {
  const { createInterface } = await import("node:readline");
  const reader = createInterface({
    input: process.stdin,
    output: process.stderr,
    terminal: process.stdin.isTTY,
  });
  reader.setPrompt(prompt);
  const stop = (): void => reader.close();
  signal.addEventListener("abort", stop, { once: true });
  try {
    if (signal.aborted) return;
    if (prompt !== "") reader.prompt();
    for await (const line of reader) {
      yield line;
      if (prompt !== "") reader.prompt();
    }
  } finally {
    signal.removeEventListener("abort", stop);
    reader.close();
  }
}

/** The reader of a pipe (head, less) went away: nothing is wrong. */
function leaveQuietly(error: NodeJS.ErrnoException): void {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
}
