// How the present instance came to be: what was rolled out shortly before, whether it was ever well, why it could not be
// started, and whether it is still the one that was looked at.
import { basename, isAbsolute, join } from "node:path";
import { only } from "../../domain/signal.ts";
import {
  inWords,
  type Look,
  numberParam,
  type Observer,
  plainLine,
  type Seen,
  seen,
  signalsOf,
  symptomBegan,
  textParam,
  unseen,
} from "./observer.ts";

const SOON_MINUTES = 30;
/** What runs for so long has come up well enough. */
const LONG_MS = 5 * 60_000;
/** Nobody asked it by then, and what ends so soon has not come up. */
const AT_START_MS = 3_000;
/** A regular end, SIGINT, SIGKILL, SIGTERM: somebody ended it, which says nothing of its start. */
const COMMANDED: ReadonlySet<number> = new Set([0, 130, 137, 143]);

/** What is new: "container" (made lately), "command" or "program" (a file of its command was written lately); null: nothing. */
const deployed: Observer = async (look) => {
  if (look.params["unlessWell"] === true) {
    const sick = await neverWell(look);
    if (!("value" in sick) || sick.value !== true) return "value" in sick ? seen(null, sick.text) : sick;
  }
  const { runtime } = look.scene.service;
  if (!runtime) return unseen("nothing of ours runs there");
  const since = symptomBegan(look.scene) - numberParam(look.params, "withinMinutes", SOON_MINUTES) * 60_000;
  if (runtime.kind === "process") return (await newCommand(look, since)) ?? newProgram(look, runtime, since);
  const described = await look.described();
  const created = Date.parse(textParam(described ?? {}, "created", ""));
  if (Number.isNaN(created)) return unseen("when its container was made is not known");
  const image = textParam(described ?? {}, "image", "an image");
  return created >= since
    ? seen(
        { value: "container", image, at: created },
        plainLine(`made from ${image} ${inWords(look.scene.now - created)} ago`),
      )
    : seen(null, "its container is no new one");
};

/** Whether no check of the present instance has ever passed. */
const neverWell: Observer = async (look) => {
  const state = await look.state();
  if (state?.startedAt === undefined) {
    return state?.startError === undefined
      ? unseen("its start was not seen")
      : seen(true, "it could not be started at all");
  }
  const { startedAt, finishedAt: until = look.scene.now } = state;
  const lived = until - startedAt;
  // What failed after its end says nothing of how it was before.
  const signals = signalsOf(look).filter((one) => one.at >= startedAt && one.at <= until);
  const answers = only(signals, "probe");
  const well =
    answers.some((one) => one.ok) || only(signals, "state").some((one) => one.health === "healthy");
  if (well) return seen(false, "it was well after its start");
  if (lived >= LONG_MS) return seen(false, `it lived for ${inWords(lived)}`);
  if (answers.some((one) => !one.ok))
    return seen(true, `never well in the ${inWords(lived)} since its start`);
  const gaveUp = state.status !== "running" && !COMMANDED.has(state.exitCode ?? -1);
  return gaveUp && lived < AT_START_MS
    ? seen(true, `it ended ${inWords(lived)} after its start`)
    : unseen("it was not asked while it ran");
};

/** What the runtime said when it could not start it, by kind: "command" | "image" | "port" | "mount" | "other"; null: it could. */
const startError: Observer = async (look) => {
  const state = await look.state();
  if (!state) return unseen("nothing of ours runs there");
  const { startError: words, exitCode } = state;
  if (words !== undefined) return seen({ value: kindOf(words) }, plainLine(`could not be started: ${words}`));
  const shell = exitCode === undefined || state.status === "running" ? undefined : SHELL_CODES[exitCode];
  if (shell !== undefined) return seen({ value: "command", exitCode: exitCode ?? null }, shell);
  return seen(null, "it was started");
};

/** What every shell answers for a command that it could not run (POSIX, Shell Command Language 2.8.2). */
const SHELL_CODES: Record<number, string> = {
  126: "its command cannot be executed (code 126)",
  127: "its command was not found (code 127)",
};

/** The engine's words, and our own for a process without a folder to run in. */
const NO_COMMAND =
  /exec format|executable file not found|no such file or directory.*exec|exec:|permission denied|there is no folder/i;

function kindOf(words: string): string {
  if (NO_COMMAND.test(words)) return "command";
  if (/image|manifest|pull/i.test(words)) return "image";
  if (/port is already allocated|address already in use|bind for/i.test(words)) return "port";
  return /mount|volume|bind source/i.test(words) ? "mount" : "other";
}

/** Whether the instance that runs (or ended) is the one that this run looked at. */
const sameInstance: Observer = async (look) => {
  const before = only(look.scene.signals, "state").findLast(
    (one) => one.service === look.scene.service.name && one.instance !== "",
  );
  const now = await look.target?.state(look.signal);
  if (!before || !now) return unseen("no instance was seen");
  return now.instance === before.instance
    ? seen(true, "it is still the same instance")
    : seen(false, "another instance runs now");
};

/** The image, with its command, with which it was last well, where it runs another one now; null: there is none to go back to. */
const goodImage: Observer = async (look) => {
  const good = await look.parts.goodImage?.(look.scene.service.name);
  if (!good) return unseen("no image is known with which it was well");
  const described = (await look.described()) ?? {};
  const from = textParam(described, "imageId", "");
  const fromCommand = textParam(described, "commandId", "");
  if (from === "" || fromCommand === "") return unseen("its present image is not known");
  const toCommand = good.command?.id ?? fromCommand;
  const other = { image: from !== good.id, command: fromCommand !== toCommand };
  if (!other.image && !other.command) return seen(null, "it runs the image with which it was well");
  if ((await look.target?.hasVersion?.({ imageId: good.id }, look.signal)) !== true)
    return seen(null, plainLine(`${good.name}, with which it was well, is not on this machine any more`));
  const command = `\`${plainLine(good.command?.shown ?? "", 100)}\``;
  if (other.command && (await look.target?.hasVersion?.({ commandId: toCommand }, look.signal)) !== true)
    return seen(null, `${command}, with which it was well, is not known here any more`);
  const ago = inWords(look.scene.now - good.at);
  const version = [
    ...(other.image ? [`${good.name} ${good.id.slice(7, 19)}`] : []),
    ...(other.command ? [command] : []),
  ].join(" with ");
  return seen(
    { value: good.name, from, to: good.id, fromCommand, toCommand },
    plainLine(`${version}, with which it was well ${ago} ago`),
  );
};

/** The command with which it was last well, where it is started with another one now; null: there is none to go back to. */
const goodCommand: Observer = async (look) => {
  const good = await look.parts.goodCommand?.(look.scene.service.name);
  if (!good) return unseen("no command is known with which it was well");
  const now = await look.target?.commands?.present(look.signal);
  if (!now) return unseen("with which command it was started is not known");
  if (now.id === good.id) return seen(null, "it is started with the command with which it was well");
  if ((await look.target?.commands?.has(good.id, look.signal)) !== true)
    return seen(null, plainLine(`${good.shown}, with which it was well, is not known here any more`));
  const ago = inWords(look.scene.now - good.at);
  return seen(
    { value: plainLine(good.shown, 120), from: now.id, to: good.id },
    plainLine(`\`${plainLine(good.shown, 120)}\`, with which it was well ${ago} ago`),
  );
};

export const starts: Record<string, Observer> = {
  deployed,
  "never-well": neverWell,
  "start-error": startError,
  "same-instance": sameInstance,
  "good-image": goodImage,
  "good-command": goodCommand,
};

/** Files that the command names, but for those that a fix may edit: their changes are told by themselves. */
/** How files of programs end that something else runs. */
const RUNNER = /^(?:node|nodejs|deno|bun|python[\d.]*|ruby|perl|php[\d.]*|java|bash|dash|sh|zsh)$/;
const PROGRAM = /\.(?:[cm]?[jt]s|py|pyz|rb|php|phar|pl|lua|jar|war|sh|exs?|dll|wasm)$/i;

/**
 * What of a command is its program. What runs a script (node, python, java) is many programs' own: a new one of it is no
 * roll-out of this service; and a file that a program is given may be one that it writes.
 */
function programsOf(command: readonly string[]): string[] {
  const [first, ...rest] = command.filter((one) => one.length < 500);
  const scripts = rest.filter((one) => !one.startsWith("-") && PROGRAM.test(one));
  return scripts.length > 0 || first === undefined || RUNNER.test(basename(first)) ? scripts : [first];
}

/** undefined: it is started as before, or by what a repair has gone back to. */
async function newCommand({ parts, scene, target, signal }: Look, since: number): Promise<Seen | undefined> {
  const now = await target?.commands?.present(signal);
  if (now?.replaced === undefined || now.chosen === now.id || now.since < since) return undefined;
  const good = await parts.goodCommand?.(scene.service.name);
  if (good?.id === now.id) return undefined;
  return seen(
    { value: "command", command: plainLine(now.shown, 120), at: now.since },
    plainLine(`started with another command ${inWords(scene.now - now.since)} ago: \`${now.shown}\``),
  );
}

async function newProgram(
  { parts, scene }: Look,
  { command, cwd }: { command: readonly string[]; cwd: string },
  since: number,
) {
  const { machine } = parts;
  if (!machine) return unseen("no machine can be asked");
  const editable = new Set(
    ((await parts.filesOf(scene.service)?.list()) ?? []).map((one) =>
      join(scene.service.files?.root ?? "", one.path),
    ),
  );
  const programs = programsOf(command);
  if (programs.length === 0) return seen(null, "its command names no program that could be new");
  const paths = programs
    .map((one) => (isAbsolute(one) ? one : join(cwd, one)))
    .filter((one) => !editable.has(one));
  const found = await Promise.all(paths.map(async (path) => ({ path, at: await machine.changedAt(path) })));
  const known = found.flatMap(({ path, at }) => (at === undefined ? [] : [{ path, at }]));
  const newest = known.toSorted((a, b) => b.at - a.at)[0];
  if (!newest) return unseen("no file of its command can be seen");
  return newest.at >= since
    ? seen(
        { value: "program", path: newest.path, at: newest.at },
        plainLine(`${newest.path} was written ${inWords(scene.now - newest.at)} ago`),
      )
    : seen(null, "no file of its command is new");
}
