// Replication: a replica has lost its primary, or one is far behind, or a slot that nobody reads keeps the log.
import type { Detector } from "../detector.ts";
import { type DatabaseView, databaseView } from "./database-view.ts";
import { makeFinding, seconds } from "./make-finding.ts";

const LAG_MS = 60_000;
const GRAVE_LAG_MS = 600_000;
const RETAINED_BYTES = 4 * 1024 ** 3;
const IN_A_ROW = 2;
const WRITES_WITHIN_MS = 5 * 60_000;
const FEWEST_WRITES = 3;

export const replication: Detector = (view) => {
  const database = databaseView(view);
  const trouble = database && troubleOf(database);
  if (database === undefined || trouble === undefined) return [];
  return [
    makeFinding(view, {
      kind: "replication",
      since: trouble.since,
      severity: trouble.grave ? "critical" : "warning",
      summary: `${view.service.name}: ${trouble.text}.`,
      facts: { trouble: trouble.name, value: trouble.value },
      signals: database.looks.slice(-3),
      variant: trouble.name,
    }),
  ];
};

function troubleOf(database: DatabaseView) {
  const { looks, number, last } = database;
  const down = looks.slice(looks.findLastIndex((one) => one.words.link !== "down") + 1);
  if (down.length >= IN_A_ROW) {
    const downMs = number("link-down-ms") ?? last.at - (down[0]?.at ?? last.at);
    const text = `the replica has had no link to its primary for ${seconds(downMs)}${because(database)}`;
    return { name: "link-down", value: downMs, text, since: last.at - downMs, grave: true };
  }
  const stopped = looks.slice(looks.findLastIndex((one) => one.words.applier !== "stopped") + 1);
  if (stopped.length >= IN_A_ROW) {
    const since = stopped[0]?.at ?? last.at;
    const text = `the replica hears its primary, but has applied nothing for ${seconds(last.at - since)}${because(database)}`;
    return { name: "applier-stopped", value: last.at - since, text, since, grave: true };
  }
  const lagMs = number("replication-lag-ms") ?? 0;
  const late = database.held("replication-lag-ms", (value) => value >= LAG_MS);
  if (late.length >= IN_A_ROW) {
    const text = `replication is ${seconds(lagMs)} behind`;
    return { name: "lag", value: lagMs, text, since: late[0]?.at ?? last.at, grave: lagMs >= GRAVE_LAG_MS };
  }
  const refused = database.rise("refused-by-replica", WRITES_WITHIN_MS) ?? 0;
  if (refused >= FEWEST_WRITES) {
    const text = `${refused} writes were sent to it, and refused: it is a replica`;
    return { name: "written-to", value: refused, text, since: last.at, grave: true };
  }
  const retained = number("retained-log-bytes") ?? 0;
  if (retained < RETAINED_BYTES) return undefined;
  const text = `a replication slot that nobody reads keeps ${Math.round(retained / 1024 ** 3)} GB of log`;
  return { name: "slot", value: retained, text, since: last.at, grave: false };
}

function because({ word }: DatabaseView): string {
  const error = word("replication-error");
  return error === undefined ? "" : ` (${error.slice(0, 120)})`;
}
