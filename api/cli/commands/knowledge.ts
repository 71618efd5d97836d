// kb ls, search, show, add, disable, enable, import, export: what is remembered.
import { readFile, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { HealError } from "../../../domain/errors.ts";
import { type EntryOutcome, entryOutcomes } from "../../../knowledge/entry-records.ts";
import { searchModes } from "../../../knowledge/search/make-search.ts";
import { answer, type Command, type CommandOptions, isSet, textOption } from "../context.ts";
import { EXIT } from "../exit-codes.ts";
import { renderEntries, renderEntry } from "../render/knowledge.ts";
import { many } from "../render/words.ts";
import { limitOption, usageError } from "./options.ts";

export const list: Command = (context, _args, options) =>
  context.withOperations(async (operations) => {
    const cursor = textOption(options, "cursor");
    const page = await operations.knowledge({
      limit: limitOption(options),
      ...filterOptions(options),
      ...(cursor !== undefined && { cursor }),
    });
    return answer(page, ({ entries, next_cursor }) => {
      const more = next_cursor === null ? "" : `\nMore: --cursor ${next_cursor}`;
      return renderEntries(entries, context.clock.now(), context.terminal.paint) + more;
    });
  });

/** Nothing similar is an answer, and no problem. */
export const search: Command = (context, [text = ""], options) =>
  context.withOperations(async (operations) => {
    const mode = oneOf(searchModes, textOption(options, "mode"), "--mode");
    const page = await operations.knowledge({
      q: text,
      limit: limitOption(options),
      ...filterOptions(options),
      ...(mode !== undefined && { mode }),
    });
    return answer(page, ({ entries }) =>
      entries.length === 0
        ? "Nothing similar is known."
        : renderEntries(entries, context.clock.now(), context.terminal.paint),
    );
  });

export const show: Command = (context, [id = ""]) =>
  context.withOperations(async (operations) => {
    const story = await operations.knowledgeEntry(id);
    return answer(story, (given) => renderEntry(given, context.clock.now(), context.terminal.paint));
  });

export const add: Command = (context, [title = ""], options) => {
  const entry = {
    title,
    symptoms: textsOption(options, "symptom"),
    vocabulary: textsOption(options, "word"),
    playbook: textOption(options, "playbook") ?? "",
    cause: textOption(options, "cause") ?? "",
    fix: textOption(options, "fix") ?? "",
    targetKind: textOption(options, "kind") ?? "any",
  };
  if (entry.symptoms.length === 0)
    throw usageError(
      "A case needs a line by which it is found",
      'Add --symptom "the log line"; more than one is welcome.',
    );
  return context.withOperations(async (operations) => {
    if (isSet(options, "dryRun")) return answer(entry, (given) => `Would add: ${given.title}`);
    const added = await operations.addKnowledge(entry, context.actor);
    return answer(added, (given) => `Added ${given.id}: ${given.title}`);
  });
};

const switching =
  (disabled: boolean): Command =>
  (context, [id = ""], options) =>
    context.withOperations(async (operations) => {
      const word = disabled ? "off" : "on";
      if (isSet(options, "dryRun")) {
        const entry = await operations.knowledgeEntry(id);
        return answer(entry, (given) => `Would switch ${word}: ${given.title}`);
      }
      const entry = await operations.changeKnowledge(id, { disabled }, context.actor);
      return answer(entry, (given) => `Switched ${word}: ${given.title}`);
    });

export const disable = switching(true);
export const enable = switching(false);

export const importFile: Command = async (context, [file = ""], options) => {
  const jsonl = await readFile(resolve(context.cwd, file), "utf8").catch((cause: unknown) => {
    throw new HealError(`${file} cannot be read`, { code: "usage", hint: "Correct the path.", cause });
  });
  return context.withOperations(async (operations) => {
    const dryRun = isSet(options, "dryRun");
    const request = { jsonl, count_outcomes: isSet(options, "countOutcomes"), dry_run: dryRun };
    const done = await operations.importKnowledge(request, context.actor);
    return answer(done, ({ lines, imported, known, counted }) =>
      [
        `${dryRun ? "Would import" : "Imported"} ${many(imported, "case")} of ${many(lines, "line")}; ${known} known already.`,
        counted === 0 ? "" : ` ${many(counted, "outcome")} count as own ones.`,
      ].join(""),
    );
  });
};

/** JSON lines on stdout, or into a file that must not exist. */
export const exportFile: Command = (context, _args, options) =>
  context.withOperations(async (operations) => {
    const { jsonl } = await operations.exportKnowledge(filterOptions(options));
    const file = textOption(options, "output");
    if (file === undefined) {
      context.terminal.out(jsonl);
      return EXIT.ok;
    }
    await writeFile(resolve(context.cwd, file), jsonl, { flag: "wx", mode: 0o600 }).catch(
      (cause: unknown) => {
        throw new HealError(`${file} cannot be written`, {
          code: "usage",
          hint: "Choose a path that does not exist yet, in a folder that you may write to.",
          cause,
        });
      },
    );
    return answer({ file }, () => `Written to ${file}.`);
  });

function filterOptions(options: CommandOptions): { kind?: string; outcome?: EntryOutcome } {
  const kind = textOption(options, "kind");
  const outcome = oneOf(entryOutcomes, textOption(options, "outcome"), "--outcome");
  return { ...(kind !== undefined && { kind }), ...(outcome !== undefined && { outcome }) };
}

function oneOf<T extends string>(words: readonly T[], text: string | undefined, name: string): T | undefined {
  const found = words.find((one) => one === text);
  if (text === undefined || found !== undefined) return found;
  throw usageError(`${name} ${text} is not known`, `Write one of ${words.join(", ")}.`);
}

/** An option that may be given more than once. */
function textsOption(options: CommandOptions, name: string): string[] {
  const value = options[name];
  if (typeof value === "string") return [value];
  return Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];
}
