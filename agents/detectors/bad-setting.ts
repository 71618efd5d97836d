// Bad setting: a database runs with a setting that is known to hurt.
import type { Detector } from "../detector.ts";
import { databaseView } from "./database-view.ts";
import { makeFinding } from "./make-finding.ts";

export const badSetting: Detector = (view) => {
  const database = databaseView(view);
  const names = database?.word("bad-settings");
  if (database === undefined || names === undefined) return [];
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
};
