// Follows the live stream for runs that have ended and hands their records to the exporter, which is loaded with the first.
import type { Logger } from "pino";
import { messageOf } from "../../domain/errors.ts";
import type { Store } from "../../knowledge/records.ts";
import type { LiveEvents } from "../operations.ts";
import type { OtlpParts, RunExporter } from "./otlp.ts";

/** Resolves when what was handed over has been sent. */
export type StopFollowing = () => Promise<void>;

export function exportRuns(
  parts: OtlpParts & { live: LiveEvents; store: Pick<Store, "runs" | "journal">; logger: Logger },
): StopFollowing {
  const {
    live,
    store: { runs, journal },
    logger,
  } = parts;
  const load = async (): Promise<RunExporter> => (await import("./otlp.ts")).makeRunExporter(parts);
  let exporter: ReturnType<typeof load> | undefined;
  const underWay = new Set<Promise<void>>();

  async function send(id: string): Promise<void> {
    try {
      exporter ??= load();
      const [run, steps, entries, incident] = await Promise.all([
        runs.get(id),
        runs.steps(id),
        journal.ofRun(id),
        runs.incident(id),
      ]);
      if (run) (await exporter).export({ run, steps, journal: entries, incident: incident ?? null });
    } catch (error) {
      logger.warn({ runId: id, error: messageOf(error) }, "the run's trace was not exported");
    }
  }

  const unsubscribe = live.subscribe(({ topic, data }) => {
    const { id, status } = data;
    if (topic !== "run" || status !== "ended" || typeof id !== "string") return;
    const work = send(id).finally(() => underWay.delete(work));
    underWay.add(work);
  });
  return async () => {
    unsubscribe();
    await Promise.all(underWay);
    await (await exporter)?.close().catch((error: unknown) => {
      logger.warn({ error: messageOf(error) }, "traces that waited were not exported");
    });
  };
}
