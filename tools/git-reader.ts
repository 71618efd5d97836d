// Reads objects out of the store through one `git cat-file --batch`, and recomputes the hash of each: what comes out
// is what went in, or it is called garbled.
import { createHash } from "node:crypto";
import { HealError } from "../domain/errors.ts";
import { type Git, type GitEnd, gitFailed, gitTrouble } from "./git-process.ts";

export type Found =
  | { status: "found"; oid: string; type: string; content: Buffer }
  | { status: "missing" }
  | { status: "garbled"; why: string };

/** One question at a time. */
export interface GitReader extends AsyncDisposable {
  /** By full ref name or object id. */
  get(name: string): Promise<Found>;
}

export function openGitReader(git: Git, folder: string): GitReader {
  let talk = openTalk(git, folder);
  return {
    async get(name) {
      if (!/^[\w/%.:-]+$/.test(name)) throw new HealError(`${name} names no object`, { code: "git-failed" });
      const answer = await talk.ask(name);
      if (answer !== "died") return checked(answer);
      // git gives up at a broken object; the next question needs a new one.
      const end = await talk.close();
      talk = openTalk(git, folder);
      if (end.code === null || end.code === 0) throw gitFailed(`read ${name}`, end);
      return { status: "garbled", why: end.complaints || "git cannot read it" };
    },
    async [Symbol.asyncDispose]() {
      await talk.close();
    },
  };
}

function checked(answer: Found): Found {
  if (answer.status !== "found") return answer;
  const { type, content, oid } = answer;
  const hash = createHash("sha1").update(`${type} ${content.length}\0`).update(content).digest("hex");
  return hash === oid ? answer : { status: "garbled", why: "its content does not fit its hash" };
}

interface Talk {
  ask(name: string): Promise<Found | "died">;
  /** Ends git; with what code, and what it complained about. */
  close(): Promise<GitEnd>;
}

function openTalk(git: Git, folder: string): Talk {
  const child = git.start(folder, ["cat-file", "--batch"]);
  const chunks = child.stdout[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  let complaints = "";
  let failure: HealError | undefined;
  let waiting: Buffer = Buffer.alloc(0);
  child.stderr.on("data", (chunk: Buffer) => (complaints += chunk.toString("utf8")));
  child.stdin.on("error", () => undefined);
  const closed = new Promise<number | null>((resolve) => {
    child.on("error", (error) => {
      failure = gitTrouble(error);
      resolve(null);
    });
    child.on("close", resolve);
  });

  async function more(): Promise<boolean> {
    const next = await chunks.next().catch(() => undefined);
    if (next === undefined || next.done === true) return false;
    waiting = Buffer.concat([waiting, next.value]);
    return true;
  }
  async function take(enough: () => number): Promise<Buffer | undefined> {
    let length = enough();
    while (length < 0 || waiting.length < length) {
      if (!(await more())) return undefined;
      length = enough();
    }
    const taken = waiting.subarray(0, length);
    waiting = waiting.subarray(length);
    return taken;
  }

  return {
    async ask(name) {
      child.stdin.write(`${name}\n`);
      const head = await take(() => waiting.indexOf("\n") + 1 || -1);
      if (head === undefined) {
        await closed;
        if (failure !== undefined) throw failure;
        return "died";
      }
      const [oid = "", type = "", size = ""] = head.toString("utf8").trim().split(" ");
      if (type === "missing" || size === "") return { status: "missing" };
      const body = await take(() => Number(size) + 1);
      return body === undefined
        ? "died"
        : { status: "found", oid, type, content: Buffer.from(body.subarray(0, -1)) };
    },
    async close() {
      child.stdin.end();
      child.stdout.resume();
      return { code: await closed, output: "", complaints: complaints.trim().slice(0, 500) };
    },
  };
}
