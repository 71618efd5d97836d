// logs sources, tail, search: where lines come from, and those that were kept.
import { HealError } from "../../../domain/errors.ts";
import { logLevels } from "../../../domain/signal.ts";
import type { LogLevel } from "../../../domain/log-level.ts";
import type { Observed, SeenLogLine } from "../../observed.ts";
import { answer, type CliContext, type Command, type CommandOptions, isSet, textOption } from "../context.ts";
import type { ExitCode } from "../exit-codes.ts";
import { harmless } from "../render/harmless.ts";
import { renderLogLine, renderLogLines, renderLogSources } from "../render/logs.ts";
import { durationArgument, limitOption, usageError } from "./options.ts";

const POLL_MS = 2_000;
/** Lines come into the store a few seconds late, and not in their order. */
const OVERLAP_MS = 60_000;
const MOST = 500;
/** Of lines that came between two looks. */
const MOST_PAGES = 20;

export const sources: Command = (context) =>
  context.withOperations(async (operations, via) => {
    const all = await operations.logSources();
    const empty =
      via === "embedded"
        ? "No server runs here, so nobody reads logs: opsmedic serve does."
        : "No log is read: services need a runtime, or files under logs.";
    return answer(all, (given) =>
      renderLogSources(given, empty, context.clock.now(), context.terminal.paint),
    );
  });

export const search: Command = (context, [text], options) =>
  context.withOperations(async (operations) => {
    const cursor = textOption(options, "cursor");
    const page = await operations.logs({
      ...filterOf(context, options),
      limit: limitOption(options),
      ...(text !== undefined && { q: text }),
      ...(cursor !== undefined && { cursor }),
    });
    return answer(page, ({ logs, next_cursor }) => {
      const older = next_cursor === null ? "" : `\nOlder: --cursor ${next_cursor}`;
      return renderLogLines(logs.toReversed(), context.terminal.paint) + older;
    });
  });

export const tail: Command = (context, _args, options) =>
  context.withOperations(async (operations, via) => {
    const filter = filterOf(context, options);
    const page = await operations.logs({ ...filter, limit: limitOption(options) });
    if (!isSet(options, "follow"))
      return answer(page, ({ logs }) => renderLogLines(logs.toReversed(), context.terminal.paint));
    // The store has one holder at a time, and it is this command.
    if (via === "embedded") throw nobodyReads();
    return follow(context, operations, filter, page.logs);
  });

type Filter = Omit<Parameters<Observed["logs"]>[0], "limit" | "cursor">;

/** Each new line as it comes into the store, until interrupted. */
async function follow(
  context: CliContext,
  operations: Pick<Observed, "logs">,
  filter: Filter,
  first: readonly SeenLogLine[],
): Promise<ExitCode> {
  let lines: readonly SeenLogLine[] = first;
  let shown: ReadonlySet<number> = new Set();
  // Older lines than the first that was shown are not asked for again.
  const began = first.at(-1)?.at ?? 0;
  let newest = 0;
  for (;;) {
    for (const line of lines.filter(({ id }) => !shown.has(id)).toReversed()) write(context, line);
    shown = new Set([...shown, ...lines.map(({ id }) => id)].slice(-MOST * MOST_PAGES));
    // A program whose clock is ahead must not hide the lines of the others.
    const now = context.clock.now();
    newest = Math.max(newest, ...lines.map(({ at }) => Math.min(at, now)));
    await context.clock.sleep(POLL_MS, context.signal);
    const from = Math.max(newest - OVERLAP_MS, began, filter.from ?? 0);
    lines = await since(operations, { ...filter, from });
  }
}

async function since(operations: Pick<Observed, "logs">, filter: Filter): Promise<SeenLogLine[]> {
  const lines: SeenLogLine[] = [];
  let cursor: string | null = null;
  for (let pages = 0; pages < MOST_PAGES; pages += 1) {
    const page = await operations.logs({ ...filter, limit: MOST, ...(cursor !== null && { cursor }) });
    lines.push(...page.logs);
    cursor = page.next_cursor;
    if (cursor === null) break;
  }
  return lines;
}

function write({ terminal, options }: CliContext, line: SeenLogLine): void {
  terminal.out(`${options.json ? JSON.stringify(line) : renderLogLine(harmless(line), terminal.paint)}\n`);
}

function nobodyReads(): HealError {
  return new HealError("No server runs here, so no line will come", {
    code: "no-server",
    hint: "Start one with opsmedic serve, or leave --follow away.",
  });
}

function filterOf({ clock }: CliContext, options: CommandOptions): Filter {
  const service = textOption(options, "service");
  const since = textOption(options, "since");
  const level = levelOption(options);
  return {
    ...(service !== undefined && { service }),
    ...(level !== undefined && { level }),
    ...(since !== undefined && { from: clock.now() - durationArgument(since, "--since") }),
  };
}

/** --level: this one and graver ones. */
export function levelOption(options: CommandOptions): Exclude<LogLevel, "unknown"> | undefined {
  const text = textOption(options, "level");
  const known = logLevels.filter((one) => one !== "unknown");
  const level = known.find((one) => one === text?.toLowerCase());
  if (text === undefined || level !== undefined) return level;
  throw usageError(`--level ${text} is not known`, `Write one of ${known.join(", ")}.`);
}
