// Puts the starter pack into a store: once, and again where a later opsmedic brings another one. What a person changed
// or switched off stays as it is.
import type { Entries } from "../entries.ts";
import { sameCase } from "../entries.ts";
import type { NewEntry } from "../entry-rows.ts";
import type { Settings } from "../records.ts";
import { STARTER_VERSION, type StarterCase } from "./starter-case.ts";

const SETTING = "knowledge.starter";

export async function loadStarter(parts: {
  settings: Settings;
  entries: Pick<Entries, "insert" | "renew">;
  now: number;
}): Promise<void> {
  const { settings, entries, now } = parts;
  if ((await settings.get(SETTING)) === STARTER_VERSION) return;
  const { starterPack } = await import("./starter-pack.ts");
  const pack = starterPack.map((one) => asEntry(one, now));
  await entries.insert(pack);
  await entries.renew(pack);
  await settings.set(SETTING, STARTER_VERSION);
}

function asEntry(one: StarterCase, now: number): NewEntry {
  return {
    ...one,
    symptoms: [...one.symptoms],
    vocabulary: [...one.vocabulary],
    sameAs: sameCase(one.playbook, one.fix, one.targetKind, one.id),
    origin: "starter",
    outcome: "known",
    service: null,
    runId: null,
    scoreBp: null,
    errorsAfter: null,
    disabled: false,
    version: 1,
    used: 0,
    worked: 0,
    firstAt: now,
    at: now,
    changedAt: now,
  };
}
