// Worker and partner log as many others do: time, level, words.

type Level = "DEBUG" | "INFO" | "WARN" | "ERROR";

export function logPlain(level: Level, words: string): void {
  process.stdout.write(`${new Date().toISOString()} ${level} ${words}\n`);
}
