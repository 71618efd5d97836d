// What each fault of the demo is: the cause that a diagnosis must name, and the services at which it lies.
import type { Fault } from "./demo-faults.ts";

export const faultCauses: Readonly<Record<Fault, { playbook: string; services: readonly string[] }>> = {
  crash: { playbook: "process-crash", services: ["web"] },
  hang: { playbook: "hang", services: ["web"] },
  "error-spike": { playbook: "degraded-process", services: ["web"] },
  "latency-spike": { playbook: "degraded-process", services: ["web"] },
  "cpu-spike": { playbook: "cpu-runaway", services: ["worker"] },
  "memory-leak": { playbook: "memory-leak", services: ["web"] },
  "bad-config": { playbook: "crash-after-bad-config", services: ["web"] },
  "rate-limit": { playbook: "rate-limited-by-upstream", services: ["worker"] },
  "stop-all": { playbook: "process-crash", services: ["upstream", "web", "worker"] },
  "slow-replica": { playbook: "degraded-process", services: ["stock-2"] },
};
