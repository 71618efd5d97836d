// What the engine is built from, and the times by which it goes.
import type { Logger } from "pino";
import type { IndexWatchParts } from "../agents/index-watch.ts";
import type { EvidenceParts } from "../agents/evidence/observer.ts";
import type { LogObserver } from "../agents/log-observer.ts";
import type { MetricWatch } from "../agents/metric-watch.ts";
import type { CallWatch } from "../agents/call-watch.ts";
import type { Clock, MakeId } from "../domain/clock.ts";
import type { Playbook } from "../domain/playbook.ts";
import type { Service } from "../domain/service.ts";
import type { KnowledgeBase } from "../knowledge/knowledge-base.ts";
import type { OpenStore } from "../knowledge/store.ts";
import type { Actions } from "../tools/action.ts";
import type { Backups, FileHistory } from "../tools/backup.ts";
import type { DatabaseInspectors } from "../tools/database-inspector.ts";
import type { Host } from "../tools/host.ts";
import type { Machine } from "../tools/machine.ts";
import type { Model } from "../tools/model.ts";
import type { Network } from "../tools/network.ts";
import type { Prober } from "../tools/probe.ts";
import type { PrometheusScraper } from "../tools/prometheus-scrape.ts";
import type { ServiceFiles } from "../tools/service-files.ts";
import type { Targets } from "../tools/target.ts";
import type { LiveEvents } from "./operations.ts";
import type { Observers } from "./observers.ts";
import type { PolicyHolder } from "./policy-holder.ts";

export interface EngineParts {
  opened: OpenStore;
  services: () => readonly Service[];
  targets: Targets;
  prober: Prober;
  host: Host;
  machine: Machine;
  network: Network;
  playbooks: readonly Playbook[];
  metrics: PrometheusScraper;
  /** The inside of databases; absent: only whether they answer is known. */
  databases?: DatabaseInspectors;
  actions: Actions;
  backups: Backups;
  fileHistory: FileHistory;
  filesOf: (service: Service) => ServiceFiles | undefined;
  /** What is remembered: cases are filed in it, and shown where they are alike. */
  knowledge: KnowledgeBase;
  model: Model;
  policy: PolicyHolder;
  live: LiveEvents;
  logger: Logger;
  clock: Clock;
  makeId: MakeId;
  timing: EngineTiming;
  /**
   * Those who watch over time: each signal passes through; what they know of a service, and what is strange just now,
   * is asked for.
   */
  observers: Pick<Observers, "note" | "known" | "noteFindings"> & {
    logs: Pick<LogObserver, "notable">;
    metrics: Pick<MetricWatch, "anomalies">;
  };
  /** Somebody follows the services' logs; else they are read at each look. */
  logsFollowed: boolean;
  /** Calls between services, as their traces show them. */
  calls: Pick<CallWatch, "dependencies" | "evidence">;
  /** What the owner's rules would clear; absent: nothing is cleared. */
  clearable?: EvidenceParts["clearable"];
  /** The engine's images that no container uses. */
  images?: EvidenceParts["images"];
  /** The engine's containers that have ended. */
  containers?: EvidenceParts["containers"];
  /** The cause of a symptom lies in another service: asks for that one's run. */
  requestRun: (service: string, reason: string) => Promise<void>;
  /** When the indexes that were made are looked at, and judged. */
  indexTimes: IndexWatchParts["times"];
  /** Between a message on what lasts and a reminder of it: at first, and at most. */
  reminders: { firstMs: number; longestMs: number };
  /** Where people reach this server. */
  publicUrl: string;
}

export interface EngineTiming {
  /** Between two looks of a validation. */
  validateEveryMs: number;
  /** What a service gets to come up before its symptoms count. */
  graceMs: number;
  leaseMs: number;
  /** How long files must have been in place, and the service well, before they count as good. */
  provenAfterMs: number;
  /** How long an undo is tried again whose hindrance says that it will pass. */
  undoPatienceMs: number;
}
