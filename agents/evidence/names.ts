// Names and certificates, asked for now: does each host that the service needs have an address, and is its certificate
// still good?
import type { Service } from "../../domain/service.ts";
import { addressOf } from "./answers.ts";
import { inWords, type Look, type Observer, plainLine, seen, unseen } from "./observer.ts";

const MOST_NAMES = 8;
const DAY_MS = 86_400_000;

/** "ok", or "unknown" | "unanswered" of the first host without an address. */
const namesResolve: Observer = async (look) => {
  const { network } = look.parts;
  if (!network) return unseen("no names can be asked for");
  const hosts = hostsOf(look);
  if (hosts.length === 0) return unseen("it needs no host by name");
  const answers = await Promise.all(
    hosts.map(async (host) => ({ host, answer: await network.resolve(host) })),
  );
  const bad = answers.find((one) => one.answer !== "found");
  if (!bad) return seen("ok", `${hosts.join(", ")} can be found`);
  const why = bad.answer === "unknown" ? "there is no such name" : "no name server answers";
  return seen({ value: bad.answer, host: bad.host }, plainLine(`${bad.host}: ${why}`));
};

/** Days until the certificate of its own address ends; below 0 it has ended. */
const certificateDays: Observer = async (look) => {
  const { network, clock } = look.parts;
  const address = secureAddressOf(look.scene.service);
  if (!network || !address) return unseen("it is not asked over https");
  const { startsAt, endsAt, refused } = await network.certificate(address.host, address.port, look.signal);
  const now = clock.now();
  const value = Math.floor((endsAt - now) / DAY_MS);
  const text =
    now < startsAt
      ? `its certificate begins in ${inWords(startsAt - now)}`
      : value < 0
        ? `its certificate ended ${new Date(endsAt).toISOString().slice(0, 10)}`
        : `its certificate is good for ${value} days`;
  return seen({ value, endsAt, startsAt, refused: refused ?? null }, plainLine(text));
};

/** null: it would be accepted, its days aside; else why not. */
const certificateRefused: Observer = async (look) => {
  const { network } = look.parts;
  const address = secureAddressOf(look.scene.service);
  if (!network || !address) return unseen("it is not asked over https");
  const { refused } = await network.certificate(address.host, address.port, look.signal);
  return refused === undefined
    ? seen(null, "its certificate is accepted")
    : seen(refused, plainLine(`its certificate is refused: ${refused}`));
};

export const names: Record<string, Observer> = {
  "names-resolve": namesResolve,
  "certificate-days": certificateDays,
  "certificate-refused": certificateRefused,
};

/** Of its own address and of those that it depends on; addresses in digits need no name. */
function hostsOf({ scene, parts }: Look): string[] {
  const around = parts.services().filter((one) => scene.service.dependsOn.includes(one.name));
  const hosts = [scene.service, ...around].flatMap((one) => addressOf(one)?.host ?? []);
  return [...new Set(hosts)].filter((one) => !/^[\d.]+$|:/.test(one)).slice(0, MOST_NAMES);
}

function secureAddressOf({ health }: Service): { host: string; port: number } | undefined {
  const probe = health.find((one) => one.kind === "http" && one.url.startsWith("https:"));
  if (probe?.kind !== "http" || !URL.canParse(probe.url)) return undefined;
  const { hostname, port } = new URL(probe.url);
  return { host: hostname.replace(/^\[|\]$/g, ""), port: Number(port) || 443 };
}
