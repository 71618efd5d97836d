// Services, incidents and approvals on one screen: what needs a person first, then what is broken, then the rest.
import type { StatusAnswer } from "../../operations.ts";
import { type Paint, plain } from "../terminal.ts";
import { levelMark, stoppedMark } from "./marks.ts";
import { columns, table } from "./table.ts";
import {
  distance,
  many,
  partOfText,
  short,
  pausedUntil,
  percentOfBp,
  percentOfRatio,
  span,
} from "./words.ts";

/** Pure; `now` for relative times. */
export function renderStatus(status: StatusAnswer, now: number, paint: Paint = plain): string {
  const parts = [
    approvalsPart(status, now, paint),
    servicesPart(status, paint),
    incidentsPart(status, now, paint),
    watchesPart(status, paint),
    summary(status, now, paint),
  ];
  return parts.filter((one) => one !== "").join("\n\n");
}

function approvalsPart({ pending_approvals }: StatusAnswer, now: number, paint: Paint): string {
  const lines = pending_approvals.flatMap((one) => [
    paint(
      "yellow",
      `‖ ${one.service}: ${one.summary} (${percentOfBp(one.scoreBp)}, risk ${one.risk}), expires ${distance(one.expiresAt, now)}`,
    ),
    `  opsmedic approvals show ${one.id}`,
  ]);
  return lines.join("\n");
}

function servicesPart({ services }: StatusAnswer, paint: Paint): string {
  const rows = services.map(({ name, status, stopped, summary }) => [
    name,
    stopped ? stoppedMark(paint) : levelMark(status, paint),
    summary ?? "",
  ]);
  return table(["service", "state", "what"], rows, {
    paint,
    empty: "No services yet. Name them in opsmedic.yaml; opsmedic init --dry-run shows what runs here.",
  });
}

function incidentsPart({ open_incidents }: StatusAnswer, now: number, paint: Paint): string {
  const shown = new Set(open_incidents.map((one) => one.id));
  const rows = open_incidents.map((one) => [
    one.id,
    one.severity.toLowerCase(),
    one.service,
    incidentText(one, shown),
    `${one.occurrences}×`,
    distance(one.openedAt, now),
  ]);
  return table(["incident", "severity", "service", "what", "seen", "since"], rows, {
    paint,
    empty: "No open incidents.",
  });
}

/** `shown`: what has a row of its own is not told again. */
function incidentText(
  { title, partOf, status }: StatusAnswer["open_incidents"][number],
  shown: ReadonlySet<string>,
): string {
  if (partOf !== null)
    return `${title} (${shown.has(partOf.id) ? `part of ${partOf.id}` : partOfText(partOf)})`;
  return status === "ESCALATED" ? `${title} (left to a person)` : title;
}

function watchesPart({ watches }: StatusAnswer, paint: Paint): string {
  if (watches.length === 0) return "";
  const rows = watches.map(({ service, kind, signature, told }) => [
    service,
    kind,
    told ? short(told, 110) : paint("dim", signature),
  ]);
  return [paint("bold", "Watched more closely"), ...columns(rows).map((line) => `  ${line}`)].join("\n");
}

function summary(status: StatusAnswer, now: number, paint: Paint): string {
  const { fix_statistics: fixes, last_check } = status;
  const checked = last_check === null ? "never" : distance(Date.parse(last_check), now);
  const paused =
    status.paused_until === null ? "" : paint("yellow", ` · ${pausedUntil(status.paused_until)}`);
  const share = fixes.total_fixes === 0 ? "" : `, ${percentOfRatio(fixes.success_rate)} worked`;
  return [
    `mode ${status.autonomous_mode}${paused} · last check ${checked} · every ${span(status.check_interval_minutes * 60_000)}`,
    `${many(fixes.total_fixes, "fix", "fixes")}${share} · ${many(status.recent_backups.length, "recent backup")}`,
  ].join("\n");
}
