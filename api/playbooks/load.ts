// All playbooks that are in force: the shipped ones, and users' own from opsmedic.d/ beside the configuration. Everything
// that is wrong in any of the files is told at once, each with its place.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { z } from "zod";
import { HealError, messageOf } from "../../domain/errors.ts";
import type { Playbook } from "../../domain/playbook.ts";
import { type Complaint, ConfigError, complaintsOf, plainWords } from "../config/complaints.ts";
import { nearest } from "../config/nearest.ts";
import { readYaml, type YamlSource } from "../config/yaml-source.ts";

export const PLAYBOOK_FOLDER = "opsmedic.d";
/** A team has some; a folder with more was not meant. */
const MOST_FILES = 200;

export interface KnownPlaybook {
  playbook: Playbook;
  /** "shipped", or the file that it comes from. */
  origin: string;
  replaces?: string;
}

/** ConfigError ("config-invalid") with every complaint; HealError "config-unreadable". No folder: the shipped ones. */
export async function loadPlaybooks(baseDir: string): Promise<KnownPlaybook[]> {
  const { shippedPlaybooks } = await import("../../agents/playbooks/shipped.ts");
  const shipped = shippedPlaybooks.map((playbook): KnownPlaybook => ({ playbook, origin: "shipped" }));
  const files = playbookFiles(baseDir);
  if (files.length === 0) return shipped;
  const own = await readAll(
    files.map((name) => ({ file: join(PLAYBOOK_FOLDER, name), text: readText(baseDir, name) })),
    shippedPlaybooks,
  );
  const replaced = new Set(own.flatMap((one) => one.replaces ?? []));
  return [...shipped.filter((one) => !replaced.has(one.playbook.id)), ...own];
}

/** Users' playbooks as texts. ConfigError with every complaint of all files. */
export async function readAll(
  files: readonly { file: string; text: string }[],
  shipped: readonly Playbook[],
): Promise<KnownPlaybook[]> {
  const { plainPlaybook } = await import("./schema.ts");
  const read = await Promise.all(files.map(parsed));
  const ids = read.flatMap((one) => one.value?.id ?? []);
  const names = await namesOf(
    shipped.map((one) => one.id),
    ids,
  );
  const { playbookChecks } = await import("./cross-checks.ts");
  const complaints = read.flatMap(({ file, source, value, complaints: own }, at): Complaint[] => {
    if (value === undefined) return own.map((one) => ({ ...one, file }));
    const twice = ids.indexOf(value.id) < read.slice(0, at).filter((one) => one.value).length;
    const across = [
      ...playbookChecks(value, names),
      ...(twice ? [{ path: ["id"], message: `The id "${value.id}" is used twice` }] : []),
    ];
    return across.map((one) => ({ ...source.placeOf(one.path), ...one, file }));
  });
  if (complaints.length > 0) throw new ConfigError(PLAYBOOK_FOLDER, complaints);
  return read.flatMap(({ file, value }) =>
    value === undefined
      ? []
      : [
          {
            playbook: plainPlaybook(value),
            origin: file,
            ...(value.replaces !== undefined && { replaces: value.replaces }),
          },
        ],
  );
}

async function parsed({ file, text }: { file: string; text: string }) {
  const { playbookKeysAt, userPlaybookSchema } = await import("./schema.ts");
  const source: YamlSource = readYaml(text);
  if (source.complaints.length > 0) return { file, source, value: undefined, complaints: source.complaints };
  const read = userPlaybookSchema.safeParse(source.value(), { error: inWords });
  return read.success
    ? { file, source, value: read.data, complaints: [] }
    : { file, source, value: undefined, complaints: complaintsOf(read.error, source, playbookKeysAt) };
}

/** Of a word from a list, the one that was probably meant. */
function inWords(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code !== "invalid_value" || typeof issue.input !== "string") return plainWords(issue);
  const values = issue.values.filter((one) => typeof one === "string");
  const near = nearest(issue.input, values);
  const advice = near === undefined ? `expected one of ${values.join(", ")}` : `did you mean "${near}"?`;
  return `There is no "${issue.input}" here; ${advice}`;
}

async function namesOf(shipped: readonly string[], own: readonly string[]) {
  const [{ observers }, { actionNames }] = await Promise.all([
    import("../../agents/evidence/make-evidence.ts"),
    import("../../tools/actions/catalogue.ts"),
  ]);
  return {
    observations: [...observers.keys()],
    actions: actionNames,
    shipped,
    rivals: [...shipped, ...own],
  };
}

/** Their names, sorted; hidden files and what an editor leaves behind are passed over. */
function playbookFiles(baseDir: string): string[] {
  const folder = join(baseDir, PLAYBOOK_FOLDER);
  try {
    const names = readdirSync(folder).filter((name) => /^[^.#].*\.ya?ml$/.test(name));
    if (names.length <= MOST_FILES) return names.sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw unreadable(folder, messageOf(error));
  }
  throw unreadable(folder, `more than ${MOST_FILES} files`);
}

function readText(baseDir: string, name: string): string {
  const file = join(baseDir, PLAYBOOK_FOLDER, name);
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw unreadable(file, messageOf(error));
  }
}

function unreadable(path: string, why: string): HealError {
  return new HealError(`${path} cannot be read: ${why}`, {
    code: "config-unreadable",
    hint: "Check the path and the permissions.",
  });
}
