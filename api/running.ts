// What an operator may do to a service's process by hand: stop it, so that it is left alone, and start it again.
import type { Actor } from "./operations.ts";

export interface RunningAnswer {
  service: string;
  running: boolean;
  /** false: it was so already. */
  changed: boolean;
}

export interface Running {
  /**
   * Starts the process of a service, and resolves when it runs (not when it serves). HealError "unknown-service",
   * "not-run-here" (its process is not opsmedic's to start or stop), "lease-lost" (a run is at work on it), "cannot-start".
   */
  startService(name: string, actor: Actor): Promise<RunningAnswer>;
  /**
   * Stops it with all its replicas, by SIGTERM, after some seconds by SIGKILL. It is left alone from then on, also by
   * the next server, until somebody starts it. HealErrors as above, and "cannot-stop".
   */
  stopService(name: string, actor: Actor): Promise<RunningAnswer>;
}
