// A detector: one symptom a file, pure. Signals in, findings out.
import type { Finding, Level } from "../domain/finding.ts";
import type { Thresholds } from "../domain/policy.ts";
import type { Service } from "../domain/service.ts";
import type { Signal } from "../domain/signal.ts";
import type { SeenPattern } from "./log-observer.ts";
import type { ParameterDrift } from "./parameter-watch.ts";
import type { RuleMatch } from "./rule-watch.ts";
import type { Absence } from "./metric-watch.ts";
import type { Prediction } from "./prediction.ts";
import type { SignMatch } from "./sign-watch.ts";

export interface View {
  service: Service;
  /** The last minutes of this service, oldest first. */
  signals: readonly Signal[];
  /** How the services it depends on are, as far as known. */
  dependencies: readonly { name: string; level: Level }[];
  /** Patterns of its logs that are worth a look: errors of the last minutes, heartbeats that stopped. */
  patterns: readonly SeenPattern[];
  /** Users' rules that lines fitted lately. */
  rules: readonly RuleMatch[];
  /** Where its numbers go, and those of the disks of the host. */
  predictions: readonly Prediction[];
  /** Numbers of it that came regularly and no longer come. */
  absences: readonly Absence[];
  /** What drifts in the lines of its patterns. */
  drifts: () => readonly ParameterDrift[];
  /** Early signs of symptoms that came before. */
  signs: readonly SignMatch[];
  thresholds: Thresholds;
  now: number;
}

export type Detector = (view: View) => Finding[];
