// What the owner allows: read by the gate, the breaker and the validation window, changed live through the API.
import type { DenyWindow } from "./deny-window.ts";
import type { Earning } from "./autonomy.ts";
import type { Risk } from "./playbook.ts";
import type { Mode } from "./service.ts";

export type { DenyWindow } from "./deny-window.ts";

/** 85 %, the floor that no configuration can lower. In basis points: 8,500 = 85 %. */
export const ALLOW_FLOOR_BP = 8_500;

export interface Thresholds {
  /** Ratios 0–1; critical at the threshold, warning at 80 % of it. */
  cpu: number;
  memory: number;
  disk: number;
  errorRate: number;
  cacheHitRate: number;
  latencyMs: number;
  queryTimeMs: number;
}

export interface Policy {
  mode: Mode;
  paused: boolean;
  gate: { allowBp: number; askBp: number };
  validate: { forMs: number; maxErrorIncrease: number };
  /** `longestCooldownMs`: no wait after restarts in a row is longer; absent: see restartBackOff. */
  breaker: {
    attempts: number;
    withinMs: number;
    cooldownMs: number;
    longestCooldownMs?: number;
    symptomReturnsMs: number;
  };
  /** Actions (name or glob such as "docker.*") never taken on a service. */
  never: readonly { service: string; action: string }[];
  windows: readonly DenyWindow[];
  /** `twoPersons`: risks that two people must approve; absent in older records. */
  approvals: { expireMs: number; twoPersons?: readonly Risk[] };
  /** Absent in records of a time before it could be earned. */
  autonomy?: Earning;
  /** How many services one plan may touch. */
  maxBlastServices: number;
  backupsKeepMs: number;
  thresholds: Thresholds;
}
