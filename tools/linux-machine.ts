// The machine from /proc: ports, sockets, mounts, pressure. Sources: proc(5), proc_pid_mountinfo(5),
// Documentation/networking/proc_net_tcp, Documentation/accounting/psi in the kernel's tree.
import { readFile, readlink, readdir, stat, statfs } from "node:fs/promises";
import { dirname, join } from "node:path";
import { codeOf } from "./file-errors.ts";
import type { Machine, Pressure, Volume } from "./machine.ts";
import { isBelow } from "./paths-below.ts";
import { withinLimit } from "./time-limit.ts";

const LISTEN = "0A";
const ESTABLISHED = "01";
const CLOSE_WAIT = "08";
/** A dead network mount must not hold up a diagnosis. */
const DISK_LIMIT_MS = 1_000;
/** As the kernel: more of them lead in a circle. */
const MOST_LINKS = 40;
const FORBIDDEN = new Set(["EACCES", "EPERM"]);

export function makeLinuxMachine(): Machine {
  return {
    async listener(port) {
      const lines = (await socketLines("/proc/net")).filter(
        (one) => one.state === LISTEN && one.port === port,
      );
      const [found] = lines;
      if (found === undefined) return null;
      const pid = await ownerOf(new Set(lines.map((one) => one.inode)));
      if (pid === undefined) return {};
      const program = (await textOf(`/proc/${pid}/comm`)).trim();
      return { pid, ...(program !== "" && { program }) };
    },
    async sockets(pids) {
      const [main] = pids;
      if (main === undefined) return undefined;
      const own = new Set((await Promise.all(pids.map(socketsOf))).flatMap((one) => [...(one ?? [])]));
      const lines = (await socketLines(`/proc/${main}/net`)).filter((one) => own.has(one.inode));
      const count = (state: string): number => lines.filter((one) => one.state === state).length;
      return { established: count(ESTABLISHED), halfClosed: count(CLOSE_WAIT) };
    },
    async variables(pid) {
      const text = await textOf(`/proc/${pid}/environ`);
      return text === "" ? undefined : new Set(text.split("\0").map((pair) => pair.split("=", 1)[0] ?? ""));
    },
    volume,
    mayUse,
    changedAt: async (path) => {
      const info = await stat(path).catch(() => undefined);
      return info?.isFile() === true ? Math.round(info.mtimeMs) : undefined;
    },
    pressure,
  };
}

interface SocketLine {
  port: number;
  state: string;
  inode: string;
}

/** Local port (hexadecimal after the colon), state and inode are the columns 2, 4 and 10. */
async function socketLines(folder: string): Promise<SocketLine[]> {
  const tables = await Promise.all([textOf(`${folder}/tcp`), textOf(`${folder}/tcp6`)]);
  return tables.flatMap((table) =>
    table
      .split("\n")
      .slice(1)
      .flatMap((line) => {
        const columns = line.trim().split(/\s+/);
        const [, local = "", , state = ""] = columns;
        const port = Number.parseInt(local.slice(local.lastIndexOf(":") + 1), 16);
        return Number.isNaN(port) ? [] : [{ port, state, inode: columns[9] ?? "" }];
      }),
  );
}

/** The process that holds one of these sockets; a socket may be inherited, then the lowest number is the elder. */
async function ownerOf(inodes: ReadonlySet<string>): Promise<number | undefined> {
  const pids = (await readdir("/proc")).flatMap((name) => (/^\d+$/.test(name) ? Number(name) : []));
  for (const pid of pids.toSorted((a, b) => a - b)) {
    const own = await socketsOf(pid);
    if (own !== undefined && [...inodes].some((one) => own.has(one))) return pid;
  }
  return undefined;
}

async function socketsOf(pid: number): Promise<Set<string> | undefined> {
  const folder = `/proc/${pid}/fd`;
  try {
    const links = await Promise.all(
      (await readdir(folder)).map((name) => readlink(join(folder, name)).catch(() => "")),
    );
    return new Set(links.flatMap((one) => /^socket:\[(\d+)\]$/.exec(one)?.[1] ?? []));
  } catch {
    return undefined;
  }
}

interface Mount {
  point: string;
  device: string;
  readOnly: boolean;
}

async function volume(named: string, pid?: number): Promise<Volume | undefined> {
  // Through /proc/PID/root the path is looked up in the process's own tree of mounts.
  const root = pid === undefined ? "" : `/proc/${pid}/root`;
  const { path, mount } = await placeOf(named, root, pid);
  try {
    const { bsize, blocks, bfree, bavail, files, ffree } = await measured(`${root}${path}`).catch(
      async (error: unknown) => {
        if (pid !== undefined && (await isSameFromHere(path, mount, error))) return measured(path);
        throw error;
      },
    );
    const taken = blocks - bfree;
    return {
      mount: mount?.point ?? path,
      readOnly: mount?.readOnly ?? false,
      used: taken + bavail === 0 ? 0 : taken / (taken + bavail),
      ...(files > 0 && { inodes: 1 - ffree / files }),
      freeBytes: bavail * bsize,
      ...(mount && { device: mount.device }),
    };
  } catch {
    return undefined;
  }
}

const measured = (path: string) => withinLimit(DISK_LIMIT_MS, undefined, () => statfs(path));

async function placeOf(named: string, root: string, pid: number | undefined) {
  const [path, mountinfo] = await Promise.all([
    withoutLinks(named, root),
    textOf(`/proc/${pid ?? "self"}/mountinfo`),
  ]);
  const mount = mountsIn(mountinfo)
    .filter((one) => isBelow(path, one.point))
    .at(-1);
  return { path, mount };
}

/**
 * Into the tree of another user's process only root may look, but its mounts are told to everybody: a path that lies on
 * the same file system for us is measured as ours. What is not in its tree is not there, whatever has that name here.
 */
async function isSameFromHere(path: string, its: Mount | undefined, error: unknown): Promise<boolean> {
  if (its === undefined || !FORBIDDEN.has(codeOf(error) ?? "")) return false;
  return (await placeOf(path, "", undefined)).mount?.device === its.device;
}

/** realpath() would leave the tree of mounts below `root` with the first absolute link. */
async function withoutLinks(path: string, root: string): Promise<string> {
  let [done, rest] = ["", path.split("/").filter((one) => one !== "")];
  for (let links = 0; rest.length > 0 && links < MOST_LINKS; ) {
    const [name = "", ...more] = rest;
    const place = join("/", done, name);
    const target = await readlink(`${root}${place}`).catch(() => undefined);
    if (target === undefined) {
      [done, rest] = [place, more];
      continue;
    }
    links += 1;
    const whole = target.startsWith("/") ? target : join(dirname(place), target);
    [done, rest] = ["", [...whole.split("/").filter((one) => one !== ""), ...more]];
  }
  return join("/", done, ...rest);
}

/** Longest mount points last; of several on one point the latest counts, which stands last in the table. */
function mountsIn(mountinfo: string): Mount[] {
  return mountinfo
    .split("\n")
    .flatMap((line) => {
      const [own = "", of = ""] = line.split(" - ");
      const [, , device = "", , point, options = ""] = own.split(" ");
      if (point === undefined) return [];
      const all = [...options.split(","), ...(of.split(" ")[2] ?? "").split(",")];
      return [{ point: unescaped(point), device, readOnly: all.includes("ro") }];
    })
    .sort((a, b) => a.point.length - b.point.length);
}

/** Space, tab, line end and backslash are written in octal there. */
function unescaped(point: string): string {
  return point.replaceAll(/\\([0-7]{3})/g, (_all, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}

/** By owner, groups and mode alone: access lists and security modules may forbid more. */
async function mayUse(path: string, what: "read" | "write", pid: number): Promise<boolean | undefined> {
  const [status, info] = await Promise.all([
    textOf(`/proc/${pid}/status`),
    stat(path).catch(() => undefined),
  ]);
  const uid = idIn(status, "Uid");
  if (uid === undefined || info === undefined) return undefined;
  if (uid === 0) return true;
  const groups = /^Groups:\s*(.*)$/m.exec(status)?.[1]?.trim().split(/\s+/).map(Number) ?? [];
  const inGroup = info.gid === idIn(status, "Gid") || groups.includes(info.gid);
  const shift = uid === info.uid ? 6 : inGroup ? 3 : 0;
  return ((info.mode >> shift) & (what === "read" ? 4 : 2)) !== 0;
}

/** The effective one is the second of four. */
function idIn(status: string, name: "Uid" | "Gid"): number | undefined {
  const id = new RegExp(`^${name}:\\s+\\d+\\s+(\\d+)`, "m").exec(status)?.[1];
  return id === undefined ? undefined : Number(id);
}

async function pressure(): Promise<Pressure> {
  const [cpu, memory, io, meminfo] = await Promise.all([
    stalled("cpu"),
    stalled("memory"),
    stalled("io"),
    textOf("/proc/meminfo"),
  ]);
  const kilobytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(meminfo)?.[1] ?? 0);
  const total = kilobytes("SwapTotal");
  return {
    ...(cpu !== undefined && { cpu }),
    ...(memory !== undefined && { memory }),
    ...(io !== undefined && { io }),
    ...(total > 0 && { swap: 1 - kilobytes("SwapFree") / total }),
  };
}

async function stalled(resource: string): Promise<number | undefined> {
  const percent = /^some avg10=([\d.]+)/m.exec(await textOf(`/proc/pressure/${resource}`))?.[1];
  return percent === undefined ? undefined : Number(percent) / 100;
}

async function textOf(path: string): Promise<string> {
  return readFile(path, "utf8").catch(() => "");
}
