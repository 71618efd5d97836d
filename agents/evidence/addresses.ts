// The service's own settings, read as they stand: is each file still of its format, and does each address in them lead
// anywhere? Connections are opened and closed; nothing is sent.
import { messageOf } from "../../domain/errors.ts";
import type { Json } from "../../domain/json.ts";
import type { Probe } from "../../domain/service.ts";
import { type Look, type Observer, plainLine, type ReadSetting, seen, unseen } from "./observer.ts";

const MOST_FILES = 50;
const LARGEST_FILE = 256 * 1024;
const MOST_ADDRESSES = 8;
/** On the way to a repair nobody waits long for an address that swallows everything. */
const CONNECT_MS = 400;

/** The file that is no longer of its format; null: all can be read. */
const settingsReadable: Observer = async (look) => {
  const files = look.parts.filesOf(look.scene.service);
  if (!files) return unseen("the configuration names no files");
  const broken = [];
  let read = 0;
  for (const { path, content } of (await files.list()).slice(0, MOST_FILES)) {
    try {
      if (look.parts.readSettings(path, content) !== undefined) read += 1;
    } catch (error) {
      broken.push({ path, why: messageOf(error) });
    }
  }
  const [first] = broken;
  if (first) return seen({ value: first.path }, plainLine(`${first.path}: ${first.why}`));
  return read > 0 ? seen(null, "its settings can be read") : unseen("no file of a known format");
};

interface Address {
  path: string;
  pointer: string;
  host: string;
  port: number;
}

/** "ok", or why the first address in its settings leads nowhere: "unknown-host" | "refused" | "timeout" | … */
const settingAddresses: Observer = async (look) => {
  const addresses = await addressesOf(look);
  if (addresses.length === 0) return unseen("its settings hold no address");
  const answers = await Promise.all(addresses.map(async (one) => ({ ...one, why: await whyNot(look, one) })));
  const bad = answers.find((one) => one.why !== undefined);
  if (!bad) return seen("ok", `${answers.length} addresses in its settings answer`);
  const { why, path, pointer, host, port } = bad;
  return seen(
    { value: why ?? "other", path, pointer, host, port },
    plainLine(`${pointer} in ${path} names ${host}:${port} (${why})`),
  );
};

export const addresses: Record<string, Observer> = {
  "settings-readable": settingsReadable,
  "setting-addresses": settingAddresses,
};

async function whyNot({ parts, scene, signal }: Look, { host, port }: Address): Promise<string | undefined> {
  const named = await parts.network?.resolve(host);
  if (named !== undefined && named !== "found") return "unknown-host";
  const probe: Probe = { kind: "tcp", host, port, everyMs: 0, timeoutMs: CONNECT_MS, expect: {} };
  const { ok, failure } = await parts.prober.probe(scene.service, probe, signal);
  // Far away is not wrong: only what answers "no" is, or what is silent on this machine.
  if (ok || (failure === "timeout" && !/^(?:localhost|127\.)/.test(host))) return undefined;
  return failure ?? "other";
}

async function addressesOf({ parts, scene }: Look): Promise<Address[]> {
  const files = (await parts.filesOf(scene.service)?.list()) ?? [];
  const all = files
    .filter((one) => one.content.length <= LARGEST_FILE)
    .slice(0, MOST_FILES)
    .flatMap(({ path, content }) => inFile(path, readOrNone(parts, path, content)));
  const ours = ownPorts(scene.service.health);
  const others = all.filter((one) => !ours.has(`${one.host}:${one.port}`));
  return [...new Map(others.map((one) => [`${one.host}:${one.port}`, one])).values()].slice(
    0,
    MOST_ADDRESSES,
  );
}

/** Addresses with a scheme and, where two settings side by side say host and port, those. */
function inFile(path: string, settings: readonly ReadSetting[]): Address[] {
  return settings.flatMap(({ pointer, value }) => {
    if (typeof value !== "string") return [];
    const url = addressIn(value);
    if (url) return [{ path, pointer, ...url }];
    if (!/(?:^|[._-])host(?:name)?$/i.test(pointer)) return [];
    const sibling = pointer.replace(/host(?:name)?$/i, "");
    const port = settings.find((one) =>
      new RegExp(`^${escaped(sibling)}port$`, "i").test(one.pointer),
    )?.value;
    return portOf(port) === undefined ? [] : [{ path, pointer, host: value, port: portOf(port) ?? 0 }];
  });
}

const SCHEMES: Record<string, number> = {
  "http:": 80,
  "https:": 443,
  "postgres:": 5432,
  "postgresql:": 5432,
  "mysql:": 3306,
  "redis:": 6379,
  "amqp:": 5672,
};

function addressIn(text: string): { host: string; port: number } | undefined {
  if (!/^[a-z]{4,12}:\/\//i.test(text) || !URL.canParse(text)) return undefined;
  const { protocol, hostname, port } = new URL(text);
  const usual = SCHEMES[protocol];
  if (usual === undefined || hostname === "") return undefined;
  return { host: hostname.replace(/^\[|\]$/g, ""), port: Number(port) || usual };
}

function portOf(value: Json | undefined): number | undefined {
  const port = typeof value === "string" ? Number(value) : value;
  return typeof port === "number" && Number.isInteger(port) && port > 0 && port < 65_536 ? port : undefined;
}

/** Its own address may stand in its settings, too, and does not answer while it is down. */
function ownPorts(health: readonly Probe[]): Set<string> {
  return new Set(
    health.flatMap((one) => {
      if (one.kind === "tcp") return [`${one.host}:${one.port}`];
      const url = one.kind === "http" ? addressIn(one.url) : undefined;
      return url ? [`${url.host}:${url.port}`] : [];
    }),
  );
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

function readOrNone(parts: Look["parts"], path: string, content: string): readonly ReadSetting[] {
  try {
    return parts.readSettings(path, content) ?? [];
  } catch {
    return [];
  }
}
