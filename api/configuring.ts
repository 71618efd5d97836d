// Changing what a running server goes by: its file read again.
import type { Mode } from "../domain/service.ts";
import type { Actor } from "./operations.ts";

export interface ReloadAnswer {
  /** Names of services: watched from now on, watched as the file says now, no longer watched. */
  added: string[];
  changed: string[];
  removed: string[];
  /** Whether what healing may do (gate, breaker, windows, thresholds …) is another one. */
  policy: boolean;
  /** The mode that was switched while running and goes on counting, where the file says another one. */
  switched_mode: Mode | null;
  /** Keys that differ from those of the server's start, and count from its next one. */
  needs_restart: string[];
}

export interface Configuring {
  /**
   * Takes over what opsmedic.yaml says now: all of it or, where it is wrong, nothing. HealError "config-invalid" with every
   * complaint, "service-busy" (a run is at work on a service that would change), "not-supported" (nothing to reload).
   */
  reloadConfig(options: { dry_run?: boolean }, actor: Actor): Promise<ReloadAnswer>;
}
