// What was accepted is on disk until it is stored: read again by the next process, up to a record that was cut off.
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { type AcceptedLog, makeAcceptedLogs } from "../../knowledge/accepted-logs.ts";

const root = mkdtempSync(join(tmpdir(), "opsmedic-accepted-"));
afterAll(() => rmSync(root, { recursive: true }));
let folders = 0;
const freshFolder = (): string => join(root, `${(folders += 1)}`);

const log = (id: number): AcceptedLog => [id, "shop", 5, "info", "http", `order ${id} – "naïve"\n\tat line`];
const raise = (problem: unknown) => {
  throw problem;
};

function open(folder: string, onProblem: (problem: unknown) => void = raise) {
  const accepted = makeAcceptedLogs(folder, onProblem);
  const left = async (): Promise<AcceptedLog[]> => {
    const all: AcceptedLog[] = [];
    for await (const some of accepted.left()) all.push(...some);
    return all;
  };
  return { ...accepted, left };
}
const ids = (logs: readonly AcceptedLog[]): number[] => logs.map(([id]) => id);

it("gives the next process all that was kept, in order and as it was, and touches nothing before", async () => {
  const folder = freshFolder();
  const first = open(folder);
  expect(await first.left()).toEqual([]);
  expect(() => readdirSync(folder)).toThrow("ENOENT");
  await Promise.all([first.keep([log(1), log(2)]), first.keep([]), first.keep([log(3)])]);
  await first.keep([log(4)]);
  expect(await first.left(), "its own are no news to it").toEqual([]);
  expect(await open(folder).left()).toEqual([log(1), log(2), log(3), log(4)]);
});

it("lets go of what was kept before a save began, also by earlier processes, and of nothing that came during it", async () => {
  const folder = freshFolder();
  await open(folder).keep([log(1)]);
  const next = open(folder);
  await next.left();
  await next.keep([log(2)]);
  const stored = next.cut();
  await next.keep([log(3)]);
  expect(ids(await open(folder).left()), "it is not stored yet").toEqual([1, 2, 3]);
  await stored();
  expect(ids(await open(folder).left())).toEqual([3]);
  next.cut();
  await next.keep([log(4)]);
  await next.cut()();
  expect(ids(await open(folder).left()), "a save that failed took nothing with it").toEqual([3]);
});

it("reads up to a record that was cut off or is not what was written", async () => {
  const folder = freshFolder();
  const first = open(folder);
  await first.keep([log(1)]);
  await first.keep([log(2)]);
  const [name = ""] = readdirSync(folder);
  const whole = readFileSync(join(folder, name));
  for (const length of [whole.length - 1, whole.length / 2 + 3]) {
    writeFileSync(join(folder, name), whole.subarray(0, length));
    expect(ids(await open(folder).left())).toEqual([1]);
  }
  writeFileSync(join(folder, name), whole.with(whole.length - 2, 0));
  expect(ids(await open(folder).left())).toEqual([1]);
});

it("rejects what it cannot write, and writes again when it can", async () => {
  const folder = freshFolder();
  writeFileSync(folder, "no folder");
  const accepted = open(folder);
  await expect(accepted.keep([log(1)])).rejects.toThrow(/EEXIST|ENOTDIR/);
  rmSync(folder);
  await accepted.keep([log(2)]);
  expect(ids(await open(folder).left())).toEqual([2]);
});

it("tells of a file that another version wrote, leaves it, and reads the others", async () => {
  const folder = freshFolder();
  await open(folder).keep([log(1)]);
  const problems: unknown[] = [];
  const [name = ""] = readdirSync(folder);
  const file = readFileSync(join(folder, name));
  await open(folder).keep(["not", "logs"] as never);
  appendFileSync(join(folder, "999999999999.logs"), file);
  const next = open(folder, (problem) => void problems.push(problem));
  expect(ids(await next.left())).toEqual([1, 1]);
  await next.cut()();
  expect([problems.length, readdirSync(folder).length]).toEqual([1, 1]);
});
