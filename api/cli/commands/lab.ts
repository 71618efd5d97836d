// lab: real faults against a real server, scored from outside.
import { resolve } from "node:path";
import type { Score } from "../../../lab/trials/score.ts";
import { answer, type Command, type CommandOptions, isSet, textOption } from "../context.ts";
import { EXIT } from "../exit-codes.ts";
import { table } from "../render/table.ts";
import type { Paint } from "../terminal.ts";
import { durationArgument, usageError } from "./options.ts";

const PAGE = "docs/lab.md";
const MOST_AT_ONCE = 16;

/** Exit code 3 where a bar is missed. */
export const runLab: Command = async (context, _args, options) => {
  const { lab, cwd, terminal, progress, signal } = context;
  const only = words(options);
  if (isSet(options, "list")) {
    const listed = await lab.list(only);
    return answer(listed, (given) =>
      table(
        ["fault", "kind", "world", "should be", "ci", "what happens"],
        given.map((one) => [one.name, one.kind, one.needs, one.right, one.ci ? "ci" : "", one.title]),
        { paint: terminal.paint, empty: "" },
      ),
    );
  }
  const write = isSet(options, "write");
  if (write && only.length > 0)
    throw usageError("--write makes the whole page", "Leave --only out, or --write.");
  const recordings = textOption(options, "recordings");
  const tried = await lab.run(
    {
      only,
      watch: watchOption(options),
      atOnce: atOnceOption(options),
      ...(write && { page: resolve(cwd, PAGE) }),
      ...(recordings !== undefined && { recordings: resolve(cwd, recordings) }),
    },
    { say: progress, signal },
  );
  const missed = tried.summary.bars.some((one) => !one.holds);
  return answer(
    tried,
    ({ summary, scores, skipped }) =>
      [
        scoreTable(scores, terminal.paint),
        "",
        ...summary.bars.map((one) => `${one.holds ? "✓" : "✗"} ${one.what}: ${one.text} (bar ${one.bar})`),
        `${summary.passed} of ${summary.faults} faults went in every way as they should.`,
        ...skipped.map((one) => `Not tried: ${one.fault} (no ${one.missing} here).`),
      ].join("\n"),
    missed ? EXIT.problems : EXIT.ok,
  );
};

function words(options: CommandOptions): string[] {
  return (textOption(options, "only") ?? "")
    .split(",")
    .map((one) => one.trim())
    .filter((one) => one !== "");
}

function watchOption(options: CommandOptions): string {
  const watch = textOption(options, "watch") ?? "1s";
  durationArgument(watch, "--watch");
  return watch;
}

function atOnceOption(options: CommandOptions): number {
  const text = textOption(options, "atOnce") ?? "3";
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= MOST_AT_ONCE) return count;
  throw usageError(
    `--at-once ${text} is not a number from 1 to ${MOST_AT_ONCE}`,
    "Write for example --at-once 2.",
  );
}

const seconds = (ms: number | null): string => (ms === null ? "" : `${(ms / 1_000).toFixed(1)} s`);

function scoreTable(scores: readonly Score[], paint: Paint): string {
  return table(
    ["", "fault", "should be", "cause named", "seen", "applied", "well", "note"],
    scores.map((one) => [
      one.passed ? "✓" : "✗",
      one.fault,
      one.right,
      one.cause?.named ?? "",
      seconds(one.detectedMs),
      seconds(one.appliedMs),
      seconds(one.wellMs),
      one.passed ? "" : one.why,
    ]),
    {
      paint,
      align: ["left", "left", "left", "left", "right", "right", "right"],
      empty: "No fault was tried.",
    },
  );
}
