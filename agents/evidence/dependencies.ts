// How the services around it are: the ones it needs, the ones beside it, and the ones that are not ours.
import type { Service } from "../../domain/service.ts";
import { addressOf, askedNow } from "./answers.ts";
import { hostOf } from "./logs.ts";
import { type Look, type Observer, seen, type Seen, unseen } from "./observer.ts";

const ORDER = ["healthy", "warning", "critical"] as const;
const MOST_DEPENDENCIES = 20;

/** The worst of its dependencies at the last look: "healthy" | "warning" | "critical". */
const dependencyLevel: Observer = (look) => {
  const levels = dependenciesOf(look).map((one) => ({ name: one.name, level: levelNow(look, one.name) }));
  if (levels.length === 0) return seen("healthy", "it depends on nothing");
  const worst = [...ORDER].reverse().flatMap((level) => levels.find((one) => one.level === level) ?? [])[0];
  const missing = levels.find((one) => one.level === undefined);
  if (worst?.level === "critical" || (worst && !missing)) {
    return seen(
      { value: worst.level ?? "healthy", dependency: worst.name },
      `${worst.name} is ${worst.level}`,
    );
  }
  return unseen(`${missing?.name ?? "a dependency"} was not looked at yet`);
};

/** "ok" when every dependency answers now, else how the first one failed. */
const dependencyProbe: Observer = async (look) => {
  const asked = await Promise.all(
    dependenciesOf(look).map(async (one) => ({ name: one.name, answer: await ask(look, one) })),
  );
  if (asked.length === 0) return seen("ok", "it depends on nothing");
  const failed = asked.find(({ answer }) => "value" in answer && answer.value !== "ok");
  if (failed && "text" in failed.answer) {
    return seen({ value: "failed", dependency: failed.name }, `${failed.name}: ${failed.answer.text}`);
  }
  const silent = asked.find(({ answer }) => "unseen" in answer);
  if (silent) return unseen(`${silent.name} cannot be asked`);
  return seen("ok", `${asked.map((one) => one.name).join(", ")} answer`);
};

const serviceLevel: Observer = (look) => {
  const level = levelNow(look, look.scene.service.name);
  return level ? seen(level, `is ${level}`) : unseen("it was not looked at yet");
};

const outsideService: Observer = ({ scene }) =>
  scene.service.runtime
    ? seen(false, `${scene.service.name} runs here`)
    : seen(true, `nothing of ours runs at ${scene.service.name}`);

/** Another service of ours that is well: the trouble is not the machine's or the network's. null: there is none. */
const healthyNeighbour: Observer = (look) => {
  const own = new Set([look.scene.service.name, look.scene.finding.service]);
  const ours = look.params["ours"] === true;
  const well = look.parts
    .services()
    .filter((one) => !own.has(one.name) && (!ours || one.runtime !== undefined))
    .find((one) => levelNow(look, one.name) === "healthy");
  return well ? seen(well.name, `${well.name} is well`) : seen(null, "no other service is well");
};

/** The service whose address the log names answers now: it limits us, it is not down. */
const upstreamProbe: Observer = (look) => {
  const host = hostOf(look, "rate-limit");
  if (!host) return unseen("the log names no host");
  const upstream = look.parts.services().find((one) => addressOf(one)?.host === host || one.name === host);
  return upstream ? ask(look, upstream) : unseen(`${host} is not among the services`);
};

export const dependencies: Record<string, Observer> = {
  "dependency-level": dependencyLevel,
  "dependency-probe": dependencyProbe,
  "service-level": serviceLevel,
  "outside-service": outsideService,
  "healthy-neighbour": healthyNeighbour,
  "upstream-probe": upstreamProbe,
};

function ask(look: Look, service: Service): Promise<Seen> {
  return askedNow(look.parts, service, look.signal);
}

function dependenciesOf({ scene, parts }: Look): Service[] {
  const names = scene.service.dependsOn.slice(0, MOST_DEPENDENCIES);
  return parts.services().filter((one) => names.includes(one.name));
}

/** A dependency-down finding of this run is newer than the last look at the dependency. */
function levelNow({ scene, parts }: Look, name: string) {
  const down = scene.findings.some(
    (one) => one.kind === "dependency-down" && one.facts["dependency"] === name,
  );
  return down ? "critical" : parts.level(name);
}
