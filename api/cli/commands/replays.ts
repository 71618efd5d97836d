// runs import, replay, record-test, test: recorded runs of here and elsewhere, judged again.
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { HealError } from "../../../domain/errors.ts";
import { policyModes } from "../../../domain/service.ts";
import { replayWith, type ReplayChanges } from "../../../graph/replay/replay-run.ts";
import { failuresOf, type RunTest, runTestOf } from "../../../graph/replay/run-test.ts";
import type { RunExport } from "../../../knowledge/records.ts";
import { readRunDocument } from "../../run-document.ts";
import { answer, type CliContext, type Command, type CommandOptions, textOption } from "../context.ts";
import { EXIT } from "../exit-codes.ts";
import { renderFailures, renderReplay } from "../render/replays.ts";
import { replayParts } from "../replay-parts.ts";
import { writeNew } from "../write-new.ts";
import { usageError } from "./options.ts";

export const importRun: Command = (context, [file = ""]) =>
  context.withOperations(async (operations) => {
    const document = readRunDocument(await readJson(file, context));
    const imported = await operations.importRun(document, context.actor);
    return answer(
      imported,
      ({ id, service }) => `Run ${id} of ${service} can be read here: opsmedic runs show ${id}`,
    );
  });

/** A difference is what was asked for, not a problem: exit code 0. */
export const replay: Command = async (context, [which = ""], options) => {
  const document = await recordOf(which, context);
  const rounds = await replayWith(
    document,
    await replayParts(context, textOption(options, "playbooks")),
    changesOf(options),
  );
  return answer({ run: document.run.id, rounds }, (given) =>
    renderReplay(given.run, given.rounds, context.terminal.paint),
  );
};

export const recordTest: Command = async (context, [which = ""], options) => {
  const document = await recordOf(which, context);
  const test = await runTestOf(document, await replayParts(context));
  if (test.expected.length === 0) {
    throw new HealError(`Run ${document.run.id} found nothing, so there is nothing to test.`, {
      code: "usage",
    });
  }
  const file = textOption(options, "output") ?? `${document.run.id}.run-test.json`;
  await writeNew(file, `${JSON.stringify(test, null, 1)}\n`, context);
  return answer(
    { file, expected: test.expected },
    () => `Written to ${file}. Run it with: opsmedic runs test ${file}`,
  );
};

/** Exit code 3 where a run comes to something else than when it was recorded. */
export const test: Command = async (context, files) => {
  if (files.length === 0) throw usageError("No file to test", "Write opsmedic runs record-test <id> first.");
  const parts = await replayParts(context);
  const results: { file: string; failures: string[] }[] = [];
  for (const file of files) {
    results.push({ file, failures: await failuresOf(asTest(await readJson(file, context), file), parts) });
  }
  const code = results.every(({ failures }) => failures.length === 0) ? EXIT.ok : EXIT.problems;
  return answer(results, (given) => renderFailures(given, context.terminal.paint), code);
};

/** A file, or the id of a run that the server or the store knows. */
async function recordOf(which: string, context: CliContext): Promise<RunExport> {
  if (/[/\\]|\.json$/.test(which)) return readRunDocument(await readJson(which, context));
  return context.withOperations((operations) => operations.exportRun(which));
}

async function readJson(file: string, { cwd }: CliContext): Promise<unknown> {
  try {
    return JSON.parse(await readFile(resolve(cwd, file), "utf8")) as unknown;
  } catch (cause) {
    const why = cause instanceof SyntaxError ? "holds no JSON" : "cannot be read";
    throw new HealError(`${file} ${why}`, {
      code: "usage",
      hint: "opsmedic runs export <id> -o <file> writes the document of a run.",
      cause,
    });
  }
}

function asTest(value: unknown, file: string): RunTest {
  const given = value as Partial<RunTest> | null;
  if (given?.test === "opsmedic-run" && given.version === 1 && Array.isArray(given.expected)) {
    return { ...(given as RunTest), record: readRunDocument(given.record) };
  }
  throw usageError(`${file} is no test of a run`, "opsmedic runs record-test <id> writes one.");
}

function changesOf(options: CommandOptions): ReplayChanges {
  const allowBp = percentOption(options, "allow", 85);
  const askBp = percentOption(options, "ask", 0);
  const wanted = textOption(options, "mode");
  const mode = policyModes.find((one) => one === wanted);
  if (wanted !== undefined && !mode)
    throw usageError(`--mode ${wanted} is not known`, `Write one of ${policyModes.join(", ")}.`);
  return {
    ...(allowBp !== undefined && { allowBp }),
    ...(askBp !== undefined && { askBp }),
    ...(mode !== undefined && { mode }),
  };
}

/** Percent in, basis points out. */
function percentOption(options: CommandOptions, name: string, least: number): number | undefined {
  const text = textOption(options, name)?.replace(/ ?%$/, "");
  if (text === undefined) return undefined;
  const percent = text === "" ? Number.NaN : Number(text);
  if (percent >= least && percent <= 100) return Math.round(percent * 100);
  throw usageError(
    `--${name} ${text} is not a percentage from ${least} to 100`,
    `Write for example --${name} 90.`,
  );
}
