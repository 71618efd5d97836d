// One folder a process: what a supervisor must know of it after its own restart. Every file is written whole.
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

const recordSchema = z.object({
  pid: z.int().positive(),
  startTicks: z.string(),
  /** The shim's, whose process group the service is in. */
  groupPid: z.int().positive(),
  startedAt: z.number(),
  starts: z.int(),
});
export type ProcessRecord = z.infer<typeof recordSchema>;

export type ProcessFolder = ReturnType<typeof openProcessFolder>;

export function openProcessFolder(path: string) {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  const file = (name: string): string => join(path, name);
  const read = (name: string): string | undefined => {
    try {
      return readFileSync(file(name), "utf8");
    } catch {
      return undefined;
    }
  };
  const write = (name: string, text: string): void => {
    writeFileSync(file(`${name}.new`), text, { mode: 0o600 });
    renameSync(file(`${name}.new`), file(name));
  };
  return {
    path,
    log: file("output.log"),
    lock: file("start.lock"),
    record(): ProcessRecord | undefined {
      const text = read("process.json");
      return text === undefined ? undefined : recordSchema.safeParse(parsed(text)).data;
    },
    keepRecord: (record: ProcessRecord): void => write("process.json", JSON.stringify(record)),
    /** What the shim wrote. */
    pid: (): number | undefined => whole(read("pid")),
    exitStatus: (): number | undefined => whole(read("exit")),
    /** When the shim wrote the exit status is the file's own time. */
    hasExit: (): boolean => existsSync(file("exit")),
    forgetExit(): void {
      rmSync(file("exit"), { force: true });
      rmSync(file("pid"), { force: true });
    },
    /** The instance whose end we asked for: its end is no fault. */
    asked: (): string | undefined => read("asked"),
    setAsked: (instance: string): void => write("asked", instance),
    /** "stopped": an operator wants it down. "stopping": we are in the middle of a restart. */
    wish: (): string => read("wish") ?? "running",
    setWish: (wish: "running" | "stopped" | "stopping"): void => write("wish", wish),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function whole(text: string | undefined): number | undefined {
  const number = Number.parseInt(text ?? "", 10);
  return Number.isNaN(number) ? undefined : number;
}
