// Lines as a handful of services write them: JSON, logfmt, free text and an access log, some 320 sentences with parts
// that vary, one line in a hundred an error. The same seed writes the same lines.
import { seededChance } from "../../signals/forecast/random.ts";

export interface WrittenLine {
  service: string;
  /** As the program wrote it, on one line. */
  text: string;
}

export interface LineWriter {
  next(at: number): WrittenLine;
  /** An error that nobody has written before; `mark` is one of its words. */
  marker(at: number): WrittenLine & { mark: string };
}

type Shape = (at: number, level: string, sentence: string, random: Random) => string;
type Random = () => number;

const SERVICES: readonly [name: string, shape: Shape][] = [
  ["checkout", json],
  ["orders", json],
  ["payments", logfmt],
  ["search", logfmt],
  ["users", python],
  ["stock", java],
  ["mailer", python],
  ["edge", access],
];
export const writingServices: readonly string[] = SERVICES.map(([name]) => name);

const things =
  "order basket invoice parcel voucher customer session report picture review refund subscription price label batch index".split(
    " ",
  );
const deeds: readonly string[] = [
  "stored {thing} {id} in {ms} ms",
  "loaded {thing} {hex} for user {id}",
  "{thing} {uuid} was sent to {ip}:{port}",
  "cache miss for {thing} key {hex}, asking the store",
  "retrying {thing} {id} after {ms}ms (attempt {small})",
  "worker {small} took {thing} job {uuid}",
  "finished {thing} import from /srv/data/{hex}/{small}.csv, {id} rows",
  "GET /api/{thing}/{id} answered 200 in {ms}ms",
  "scheduled the next {thing} run at {time}",
  "{thing} {id} changed its state from open to closed",
  "published {small} {thing} events to partition {small} at offset {id}",
  "evicted {id} {thing} entries, {mb} MB free",
  "connection {small} to {ip} reused for {thing}",
  "{thing} total {mb} EUR checked against limit {id}",
  "skipped {thing} {uuid}: nothing has changed",
  "token of {thing} service renewed for {small} minutes",
  "slow {thing} query took {ms} ms: rows={id}",
  "heartbeat of the {thing} worker, lag {ms} ms",
  "compressed {thing} {hex} from {id} to {small} bytes",
  "user {id} opened {thing} {uuid} from {ip}",
];
/** Nothing that a detector knows: what a sick service costs is another benchmark's matter. */
const errors: readonly string[] = [
  "could not store {thing} {id}: version {small} was expected, not {id}",
  "{thing} {uuid} failed in step {small} of {small}",
  "cannot read {thing} {hex}: unexpected end of data at byte {id}",
  "gave up on {thing} {id} after {small} attempts",
];

const ERRORS = 0.01;
/** A few sentences make up most of what is written. */
const UNEVEN = 3;

export function makeLineWriter(seed: number): LineWriter {
  const random = seededChance(seed);
  const write = (at: number, level: string, sentence: string): WrittenLine => {
    const [service, shape] = picked(SERVICES, random());
    return { service, text: shape(at, level, sentence, random) };
  };
  return {
    next(at) {
      const failed = random() < ERRORS;
      const sentence = picked(failed ? errors : deeds, random() ** UNEVEN);
      const whole = sentence.replace(/\{(\w+)\}/g, (_, part: string) => partOf(part, at, random));
      return write(at, failed ? "error" : "info", whole);
    },
    marker(at) {
      const words = Array.from({ length: 5 }, () => madeUpWord(random));
      return { ...write(at, "error", words.join(" ")), mark: words[0] ?? "" };
    },
  };
}

function partOf(part: string, at: number, random: Random): string {
  const whole = (most: number): string => String(Math.floor(random() * most));
  const hex = (digits: number): string =>
    Math.floor(random() * 16 ** Math.min(digits, 12))
      .toString(16)
      .padStart(digits, "0");
  switch (part) {
    case "thing":
      return picked(things, random());
    case "id":
      return whole(1_000_000);
    case "ms":
      return whole(2_000);
    case "small":
      return whole(32);
    case "port":
      return whole(65_536);
    case "mb":
      return (random() * 900).toFixed(2);
    case "hex":
      return hex(12);
    case "uuid":
      return `${hex(8)}-${hex(4)}-4${hex(3)}-a${hex(3)}-${hex(12)}`;
    case "ip":
      return `10.${whole(256)}.${whole(256)}.${whole(256)}`;
    default:
      return new Date(at).toISOString();
  }
}

function json(at: number, level: string, msg: string, random: Random): string {
  return JSON.stringify({ level, time: at, pid: 4711, req: Math.floor(random() * 1e9), msg });
}

function logfmt(at: number, level: string, msg: string, random: Random): string {
  const time = new Date(at).toISOString();
  return `time=${time} level=${level} msg=${JSON.stringify(msg)} trace=${Math.floor(random() * 1e12).toString(16)}`;
}

function python(at: number, level: string, msg: string): string {
  const time = new Date(at).toISOString().replace("T", " ").replace(".", ",").replace("Z", "");
  return `${time} ${level.toUpperCase()} app.worker ${msg}`;
}

function java(at: number, level: string, msg: string, random: Random): string {
  const time = new Date(at).toISOString().replace("T", " ").replace("Z", "");
  return `${time} [worker-${Math.floor(random() * 16)}] ${level.toUpperCase().padEnd(5)} c.e.stock.Depot - ${msg}`;
}

function access(at: number, level: string, msg: string, random: Random): string {
  if (level !== "info") return `${new Date(at).toISOString()} [${level}] ${msg}`;
  const [status, bytes] = [random() < 0.9 ? 200 : 304, Math.floor(random() * 90_000)];
  const path = `/shop/${picked(things, random())}/${Math.floor(random() * 1e6)}`;
  const time = new Date(at).toUTCString();
  return `10.0.0.${Math.floor(random() * 256)} - - [${time}] "GET ${path} HTTP/1.1" ${status} ${bytes} "-" "curl/8.5"`;
}

/** Letters only, so that nothing takes it for an id. */
function madeUpWord(random: Random): string {
  return Array.from({ length: 9 }, () => String.fromCharCode(97 + Math.floor(random() * 26))).join("");
}

/** `share`: 0 to 1. */
function picked<T>(list: readonly T[], share: number): T {
  const one = list[Math.min(list.length - 1, Math.floor(share * list.length))];
  if (one === undefined) throw new Error("nothing to pick from");
  return one;
}
