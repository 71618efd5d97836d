// Very many cases of a made-up estate, the same at each run: lines of the starter pack with other names and numbers,
// mixed with words that only some services use.
import type { NewEntry } from "../../knowledge/entry-rows.ts";
import { seededChance } from "../../signals/forecast/random.ts";
import { starterPack } from "../../knowledge/starter/starter-pack.ts";

const nouns =
  "order cart invoice stock price user session report image search mail ledger coupon tax route parcel label refund chat video audio map quote tariff meter ticket badge token review banner".split(
    " ",
  );
const verbs =
  "sync import export render resize index archive merge verify publish bill ship notify score refresh compact".split(
    " ",
  );

export function manyCases(start: number, count: number): NewEntry[] {
  return Array.from({ length: count }, (_, at) => madeUp(start + at));
}

function madeUp(n: number): NewEntry {
  const chance = seededChance(n + 1);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(chance() * list.length)] as T;
  const like = pick(starterPack);
  const service = `${pick(nouns)}-${pick(verbs)}-${Math.floor(chance() * 400)}`;
  const word = `${pick(verbs)}${pick(nouns)}${Math.floor(chance() * 9)}`;
  const line = (): string =>
    `${service} ${pick(verbs)} ${pick(nouns)} failed: ${pick(like.symptoms)} (${word} ${Math.floor(chance() * 1e6)})`;
  return {
    id: `made_${n}`,
    sameAs: `made ${n}`,
    origin: "imported",
    title: `${like.title} (${service})`,
    symptoms: [line(), line()],
    vocabulary: [],
    playbook: like.playbook,
    cause: like.cause,
    fix: like.fix,
    outcome: chance() < 0.8 ? "healed" : "not-healed",
    targetKind: pick(["docker", "process", "any"]),
    service,
    runId: null,
    scoreBp: 9_000,
    errorsAfter: 0,
    disabled: false,
    version: 1,
    used: 0,
    worked: 0,
    firstAt: n,
    at: n,
    changedAt: n,
  };
}
