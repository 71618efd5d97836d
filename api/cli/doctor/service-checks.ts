// Check of what the configuration says about services of this machine: folders, programs and log files that are not there
// are cheaper to hear of now than when something has broken. Looks only.
import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { delimiter, join, resolve } from "node:path";
import type { Service } from "../../../domain/service.ts";
import { filesMatching } from "../../../tools/log-file-glob.ts";
import type { Variables } from "../../config.ts";
import type { Check, CheckResult } from "./check.ts";

type Told = Omit<CheckResult, "name">;

export function servicesCheck(services: readonly Service[], variables: Variables): Check {
  return {
    name: "watched services",
    async run() {
      const each = await Promise.all(services.map((one) => problemsOf(one, variables)));
      const problems = each.flat();
      if (problems.length > 0) return problems;
      return { status: "ok", text: "their folders, programs and log files are there" };
    },
  };
}

async function problemsOf(service: Service, variables: Variables): Promise<Told[]> {
  return [
    ...(await programProblems(service, variables)),
    ...(await filesProblems(service)),
    ...(await logProblems(service)),
  ];
}

async function programProblems({ name, runtime }: Service, variables: Variables): Promise<Told[]> {
  if (runtime?.kind !== "process") return [];
  const { cwd, command, env } = runtime;
  if (!(await isFolder(cwd)))
    return [failed(`${name}: there is no folder ${cwd}`, "Correct runtime.process.cwd, or make the folder.")];
  const [program = ""] = command;
  const found = await isProgram(program, cwd, env["PATH"] ?? variables["PATH"] ?? "");
  const advice = "Correct runtime.process.command, or install it; a path is looked up from cwd.";
  return found ? [] : [failed(`${name}: there is no program ${program}`, advice)];
}

async function filesProblems({ name, files }: Service): Promise<Told[]> {
  if (files === undefined) return [];
  const { root, editable } = files;
  if (!(await isFolder(root)))
    return [
      failed(`${name}: there is no folder ${root}`, "Correct files.root: nothing of it can be repaired."),
    ];
  if (editable.length === 0 || (await may(root, constants.R_OK | constants.W_OK))) return [];
  const advice = "Let the user that runs opsmedic write it, or no fix can change or put back its files.";
  return [warned(`${name}: ${root} cannot be written`, advice)];
}

async function logProblems({ name, logs }: Service): Promise<Told[]> {
  const told: Told[] = [];
  for (const source of logs) {
    if (source.kind !== "file") continue;
    const files = await filesMatching(source.glob);
    const there = await Promise.all(files.map((one) => may(one, constants.F_OK)));
    if (!there.includes(true)) {
      const advice = "Correct the path under logs; where the service makes it later, it is found then.";
      told.push(warned(`${name}: there is no log file ${source.glob}`, advice));
    }
    for (const [at, file] of files.entries()) {
      if (there[at] === false || (await may(file, constants.R_OK))) continue;
      const advice = "Let the user that runs opsmedic read it: a group for both, or chmod g+r.";
      told.push(warned(`${name}: ${file} cannot be read`, advice));
    }
  }
  return told;
}

/** As the start looks for it: what holds a slash is a path, everything else is searched for. */
async function isProgram(program: string, cwd: string, path: string): Promise<boolean> {
  const places = program.includes("/")
    ? [resolve(cwd, program)]
    : path.split(delimiter).map((folder) => join(resolve(cwd, folder), program));
  const found = await Promise.all(places.map((one) => may(one, constants.X_OK)));
  return found.includes(true);
}

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (one) => one.isDirectory(),
    () => false,
  );

const may = (path: string, mode: number): Promise<boolean> =>
  access(path, mode).then(
    () => true,
    () => false,
  );

const failed = (text: string, advice: string): Told => ({ status: "fail", text, advice });
const warned = (text: string, advice: string): Told => ({ status: "warn", text, advice });
