// Certificate expiring: the one that a health check was shown ends soon. Only told: renewing it is a person's or another
// program's part, and nothing is broken yet. Once it has ended, the checks fail and "unreachable" says so.
import { only } from "../../domain/signal.ts";
import type { Detector } from "../detector.ts";
import { makeFinding } from "./make-finding.ts";
import { byProbe } from "./recent.ts";

const DAY_MS = 86_400_000;
/** What renews by itself (ACME clients do it a month before) has failed by then. */
const EARLY_MS = 21 * DAY_MS;
const SOON_MS = 7 * DAY_MS;

export const certificateExpiring: Detector = (view) =>
  byProbe(only(view.signals, "probe").filter((one) => one.certificateEndsAt !== undefined)).flatMap(
    (list) => {
      const last = list.at(-1);
      const endsAt = last?.certificateEndsAt;
      if (last === undefined || endsAt === undefined || endsAt - view.now > EARLY_MS) return [];
      const days = Math.floor((endsAt - view.now) / DAY_MS);
      return [
        makeFinding(view, {
          kind: "certificate-expiring" as const,
          since: list.find((one) => one.certificateEndsAt === endsAt)?.at ?? last.at,
          severity: endsAt - view.now <= SOON_MS ? "warning" : "info",
          summary: `The certificate of ${last.probe} ${days < 0 ? "has ended" : `ends in ${days} days`} (${new Date(endsAt).toISOString().slice(0, 10)}).`,
          facts: { probe: last.probe, endsAt, days },
          signals: [last],
          variant: last.probe,
        }),
      ];
    },
  );
