// The building blocks of the configuration's schema. They only check: values keep the form people write
// ("5s"), so that the effective configuration can be shown, and services.ts and policy.ts convert them.
import { z } from "zod";
import { splitCommand } from "./command.ts";
import { DURATION, PERCENT, parseDuration, parsePercent, parseSize, SIZE } from "./units.ts";

/** Timers of Node count in 31 bits of milliseconds; longer ones fire at once. */
const LONGEST_TIMER = "24d";

function asText(example: string) {
  return z.string({
    error: ({ input }) =>
      input === undefined
        ? undefined
        : `Expected text with a unit such as ${example}, received ${typeof input} ${JSON.stringify(input)}`,
  });
}

/** A duration such as 5s; `min` and `max` in the same form, both allowed values. */
export function duration({ min = "0s", max = "52w" }: { min?: string; max?: string } = {}) {
  return asText("5s")
    .regex(DURATION, {
      error: ({ input }) => `Not a duration: ${JSON.stringify(input)}; write 500ms, 5s, 5m, 2h or 30d`,
    })
    .refine(atLeast(parseDuration, min), { error: `Too short: expected ${min} or more` })
    .refine((text) => atLeast(parseDuration, text)(max), { error: `Too long: expected ${max} or less` });
}

/** True also where the text cannot be read: that has its own complaint. */
function atLeast(parse: (text: string) => number | undefined, least: string): (text: string) => boolean {
  return (text) => {
    const value = parse(text);
    const limit = parse(least);
    return value === undefined || limit === undefined || value >= limit;
  };
}

/** A duration that becomes a timer. */
export const interval = (min: string) => duration({ min, max: LONGEST_TIMER });

export function size(min: string) {
  return asText("256m")
    .regex(SIZE, { error: ({ input }) => `Not a size: ${JSON.stringify(input)}; write 256m or 1g` })
    .refine(atLeast(parseSize, min), {
      error: `Too small: expected ${min} or more`,
    });
}

export function percent() {
  return asText("90%")
    .regex(PERCENT, { error: ({ input }) => `Not a percentage: ${JSON.stringify(input)}; write 90%` })
    .refine((text) => (parsePercent(text) ?? 0) <= 1, { error: "Too big: expected 100% or less" });
}

/** Text that must be there; an empty one is a mistake. */
export const word = () => z.string().min(1, { error: "Must not be empty" });

export function httpUrl() {
  return z.url({ protocol: /^https?$/, error: ({ input }) => wrongUrl(input, "http:// or https://") });
}

/** A connection string of one of these protocols; `secret`-bearing, so it is never echoed in a complaint. */
export function connectionUrl(...protocols: string[]) {
  return z.string().refine((text) => isUrlOf(text, protocols) && !namesSeveralHosts(text), {
    error: ({ input }) =>
      namesSeveralHosts(String(input))
        ? SEVERAL_HOSTS
        : `Not a connection address: write ${protocols[0]}://user@host:port/name`,
  });
}

function isUrlOf(text: string, protocols: readonly string[]): boolean {
  return protocols.some((one) => text.startsWith(`${one}://`)) && URL.canParse(text);
}

/** libpq's postgres://a,b/name: our drivers know one host. A password may hold a comma. */
function namesSeveralHosts(text: string): boolean {
  return /^[^/]*\/\/(?:[^/?#]*@)?([^/?#]*)/.exec(text)?.[1]?.includes(",") === true;
}

const SEVERAL_HOSTS =
  "It names several hosts: give the one address that moves to whoever is the primary (a proxy, a virtual address, a DNS name)";

/** mongodb://a:27017,b:27017/name is no URL, as it has several hosts. */
const MONGO_HOST = String.raw`(?:\[[0-9a-f:.]+\]|[^@/?#\s,:[\]]+)(?::\d{1,5})?`;
export const MONGO_URL = new RegExp(
  String.raw`^mongodb(?:\+srv)?://(?:[^@/?#\s]*@)?${MONGO_HOST}(?:,${MONGO_HOST})*(?:[/?][^@\s]*)?$`,
);

export function mongoUrl() {
  return z.string().refine((text) => MONGO_URL.test(text), {
    error:
      "Not a connection address: write mongodb://user@host:27017/name; a password's @ : / ? # as %40 %3A %2F %3F %23",
  });
}

/** A connection string, where empty stands for "none". */
export function optionalConnectionUrl(...protocols: string[]) {
  return z.string().refine((text) => text === "" || isUrlOf(text, protocols), {
    error: `Not a connection address: write ${protocols[0]}://user@host:port/name, or leave it empty`,
  });
}

function wrongUrl(input: unknown, protocols: string): string | undefined {
  return typeof input === "string" ? `Not an address: write one that begins with ${protocols}` : undefined;
}

/** "127.0.0.1:8081", "[::1]:5432", "db.internal:5432". Port 0 lets the system choose, for listening only. */
export function hostAndPort(text: string): { host: string; port: number } | undefined {
  const [, bracketed, plain, digits] = /^(?:\[([0-9a-fA-F:.]+)\]|([^\s:/@]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  const port = Number(digits);
  return host === undefined || port > 65_535 ? undefined : { host, port };
}

export function address() {
  return z.string().refine((text) => hostAndPort(text) !== undefined, {
    error: ({ input }) => `Not an address: ${JSON.stringify(input)}; write host:port, such as 127.0.0.1:8686`,
  });
}

/** A command line, split like a shell would but with nothing expanded, or the list of its words. */
export function command() {
  return z
    .union([word(), z.array(z.string()).min(1)])
    .refine((value) => typeof value !== "string" || (splitCommand(value)?.length ?? 0) > 0, {
      error: "A quote is not closed, or there is no command",
    });
}

/** Complains unless exactly (or at most) one of these keys is there. */
export function oneOf<T extends z.ZodObject>(schema: T, keys: readonly string[], least: 0 | 1): T {
  return schema.superRefine((value, context) => {
    const given = keys.filter((key) => Reflect.get(value, key) !== undefined);
    if (given.length > 1)
      context.addIssue(`Only one of ${keys.join(", ")} is possible, found ${given.join(" and ")}`);
    if (given.length < least) context.addIssue(`One of ${keys.join(", ")} is needed`);
  });
}
