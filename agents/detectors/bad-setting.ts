// Bad setting: a database runs with a setting that is known to hurt, or lets nobody write though it follows nobody.
import type { Finding } from "../../domain/finding.ts";
import type { Detector, View } from "../detector.ts";
import { type DatabaseView, databaseView } from "./database-view.ts";
import { makeFinding } from "./make-finding.ts";

const IN_A_ROW = 2;

export const badSetting: Detector = (view) => {
  const database = databaseView(view);
  if (database === undefined) return [];
  return [...knownToHurt(view, database), ...readOnly(view, database)];
};

function knownToHurt(view: View, database: DatabaseView): Finding[] {
  const names = database.word("bad-settings");
  if (names === undefined) return [];
  return [
    makeFinding(view, {
      kind: "bad-setting",
      since: database.held("bad-settings", (value) => value > 0)[0]?.at ?? view.now,
      severity: "warning",
      summary: `${view.service.name} runs with settings that are known to hurt: ${names}.`,
      facts: { settings: names },
      signals: database.looks.slice(-1),
      variant: names,
    }),
  ];
}

/** A replica is meant to be so, and so may be a server that its owner says it of. */
function readOnly(view: View, { looks }: DatabaseView): Finding[] {
  const { database } = view.service;
  if (database?.kind === "mysql" && database.readOnly === true) return [];
  const held = looks.slice(looks.findLastIndex((one) => !letsNobodyWrite(one)) + 1);
  if (held.length < IN_A_ROW) return [];
  return [
    makeFinding(view, {
      kind: "bad-setting",
      since: held[0]?.at ?? view.now,
      severity: "warning",
      summary: `${view.service.name} lets nobody write: read_only is on, though it follows nobody.`,
      facts: { settings: "read_only" },
      signals: held.slice(-1),
      variant: "read_only",
    }),
  ];
}

function letsNobodyWrite({ words }: DatabaseView["last"]): boolean {
  return words["read-only"] === "yes" && words.role === "primary";
}
