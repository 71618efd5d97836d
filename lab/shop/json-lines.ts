// The shop front logs as many services do: one JSON object a line.

type Level = "debug" | "info" | "warn" | "error" | "fatal";

export function logJson(level: Level, msg: string, fields: Record<string, string | number> = {}): void {
  process.stdout.write(`${JSON.stringify({ time: new Date().toISOString(), level, msg, ...fields })}\n`);
}
