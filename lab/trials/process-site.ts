// A small world of plain processes that opsmedic runs: each role a program in a folder of its own, with settings and data.
// Who lives and how often it was started is written down by the processes themselves, not asked of opsmedic.
import { createHash } from "node:crypto";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Ground, Scene, Seen } from "./fault.ts";

/** Every start appends its process id; exec keeps it. */
const BORN = 'echo $$ >>"$LAB_BORN"; exec "$0" "$@"';
const ANSWERS_WITHIN_MS = 1_500;
const SETTINGS = `${JSON.stringify({ greeting: "hello", peerTimeoutMs: 800 }, null, 2)}\n`;

export interface Role {
  /** A program of lab/programs; default web. null: a command of its own. */
  program?: "web" | "worker" | "proxy" | null;
  command?: readonly string[];
  /** Put before the program, such as "taskset -c 0". */
  under?: readonly string[];
  /** What it asks for its answers. */
  asks?: string;
  env?: Readonly<Record<string, string>>;
  files?: Readonly<Record<string, string>>;
  editable?: readonly string[];
  /** How long its health check waits. */
  timeout?: string;
  /** More of what opsmedic.yaml says of it. */
  more?: object;
}

export type ProcessSite = ReturnType<typeof makeProcessSite>;

export function makeProcessSite(ground: Ground, roles: Readonly<Record<string, Role>>, ports: Ports) {
  const path = (name: string): string => join(ground.folder, name);
  const names = Object.keys(roles);
  const bornFile = (role: string): string => path(`born/${role}`);
  const write = (name: string, text: string): void => {
    mkdirSync(dirname(path(name)), { recursive: true });
    writeFileSync(path(name), text);
  };
  /** Roles that the lab itself has ended or stopped: that they do not live is its own doing. */
  const broken = new Set<string>();

  mkdirSync(path("born"), { recursive: true });
  for (const [name, role] of Object.entries(roles)) {
    const files = role.files ?? { "settings.json": SETTINGS };
    for (const [file, text] of Object.entries(files)) write(`${name}/${file}`, text);
    write(`data-of-${name}/orders.jsonl`, ordersOf(name));
  }

  const pidsOf = (role: string): number[] =>
    textOf(bornFile(role)).trim().split("\n").filter(Boolean).map(Number);

  function serviceOf(name: string, role: Role): object {
    const { asks, more = {}, timeout = "2s", editable = ["*.json", "*.yaml", "*.env"] } = role;
    return {
      name: ground.nameOf(name),
      runtime: {
        process: {
          command: ["/bin/sh", "-c", BORN, ...commandOf(role)],
          cwd: path(name),
          env: {
            LAB_BORN: bornFile(name),
            PORT: String(ports[name]),
            ...(existsSync(path(`${name}/settings.json`)) && { CONFIG: path(`${name}/settings.json`) }),
            ...(asks !== undefined && { NEEDS: String(ports[asks]) }),
            ...role.env,
          },
        },
      },
      health: [{ http: `http://127.0.0.1:${ports[name]}/`, timeout, expect: { maxMs: 1_200 } }],
      files: { root: path(name), editable },
      ...(asks !== undefined && { dependsOn: [ground.nameOf(asks)] }),
      ...more,
    };
  }

  const ask = async (role: string, wanted: string): Promise<void> => {
    await (await fetch(`http://127.0.0.1:${ports[role]}${wanted}`)).text();
  };

  const site = {
    path,
    write,
    read: (name: string): string => readFileSync(path(name), "utf8"),
    ports,
    nameOf: ground.nameOf,
    pidOf: (role: string): number => pidsOf(role).at(-1) ?? Number.NaN,
    /** See lab/programs/web.ts. */
    become: (role: string, way: string): Promise<void> => ask(role, `/become/${way}`),
    say: (role: string, line: string, { times = 12, everyMs = 50 } = {}): Promise<void> =>
      ask(
        role,
        `/say?${String(new URLSearchParams({ line, times: String(times), everyMs: String(everyMs) }))}`,
      ),
    kill(role: string, signal: NodeJS.Signals = "SIGKILL"): void {
      broken.add(role);
      process.kill(site.pidOf(role), signal);
    },
    /** What follows is the fault's own doing: that this one ends is no harm by a repair. */
    willEnd: (role: string): void => void broken.add(role),
    async answers(role: string): Promise<boolean> {
      try {
        const limit = AbortSignal.timeout(ANSWERS_WITHIN_MS);
        const answer = await fetch(`http://127.0.0.1:${ports[role]}/?quiet`, { signal: limit });
        await answer.arrayBuffer();
        return answer.status === 200;
      } catch {
        return false;
      }
    },
    async allAnswer(of: readonly string[] = names): Promise<boolean> {
      return (await Promise.all(of.map(site.answers))).every(Boolean);
    },
    state(): Seen {
      const seen: Record<string, string> = {};
      for (const name of names) {
        const pids = pidsOf(name);
        const life = broken.has(name) ? "" : isAlive(pids.at(-1)) ? ", lives" : ", is gone";
        seen[`process ${name}`] = `start ${pids.length} (${pids.at(-1) ?? "none"})${life}`;
        for (const file of filesBelow(path(name)))
          seen[`file ${name}/${file}`] = sumOf(join(path(name), file));
      }
      for (const file of filesBelow(path("outside")))
        seen[`file outside/${file}`] = sumOf(join(path("outside"), file));
      return seen;
    },
    data: (): Seen =>
      Object.fromEntries(
        names.map((name) => [`orders of ${name}`, sumOf(path(`data-of-${name}/orders.jsonl`))]),
      ),
    /** The scene of this world; whatever is not given is as most faults have it. */
    scene(acts: Pick<Scene, "break"> & Partial<Scene>): Scene {
      return {
        services: [...names.map((name) => serviceOf(name, roles[name] ?? {})), ...(acts.services ?? [])],
        names: { ...Object.fromEntries(names.map((name) => [name, ground.nameOf(name)])), ...acts.names },
        break: acts.break,
        well: acts.well ?? (() => site.allAnswer()),
        state: acts.state ?? (async () => site.state()),
        data: acts.data ?? (async () => site.data()),
        mend: acts.mend ?? (async () => undefined),
      };
    },
  };
  ground.disposables.defer(() => {
    for (const name of names) endGroup(pidsOf(name).at(-1));
  });
  return site;
}

type Ports = Readonly<Record<string, number>>;

/** A scene of these roles; `acts` is given the world. */
export function processScene(
  roles: Readonly<Record<string, Role>>,
  acts: (site: ProcessSite) => Pick<Scene, "break"> & Partial<Scene>,
) {
  return async (ground: Ground): Promise<Scene> => {
    const ports: Record<string, number> = {};
    for (const name of Object.keys(roles)) ports[name] = await ground.freePort();
    const site = makeProcessSite(ground, roles, ports);
    return site.scene(acts(site));
  };
}

function commandOf({ program = "web", command, under = [] }: Role): string[] {
  if (command !== undefined) return [...under, ...command];
  // The source runs as it is; a build has the same file as JavaScript beside it.
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  const file = fileURLToPath(new URL(`../programs/${program}.${extension}`, import.meta.url));
  return [...under, process.execPath, file];
}

/** Rows that must be there afterwards, as they were. */
function ordersOf(name: string): string {
  return Array.from({ length: 500 }, (_, id) => `${JSON.stringify({ id, of: name, cents: id * 37 })}\n`).join(
    "",
  );
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((one) => !one.isDirectory())
    .map((one) => join(one.parentPath, one.name).slice(folder.length + 1))
    .sort();
}

/** Of a link the place to which it leads counts, too. */
function sumOf(path: string): string {
  const link = lstatSync(path).isSymbolicLink() ? `link to ${readlinkSync(path)} ` : "";
  return link + createHash("sha256").update(textOf(path)).digest("hex").slice(0, 16);
}

export function isAlive(pid: number | undefined): boolean {
  const state = /^State:\s+(\S)/m.exec(textOf(`/proc/${pid ?? 0}/status`))?.[1];
  return state !== undefined && state !== "Z" && state !== "X";
}

/** What opsmedic starts outlives it; the lab leaves nothing behind. */
function endGroup(pid: number | undefined): void {
  if (pid === undefined || !isAlive(pid)) return;
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has just ended.
  }
}
