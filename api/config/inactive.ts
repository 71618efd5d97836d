// Parts of the configuration that are accepted and not acted on yet, so that nobody relies on them unknowingly.
import type { RawConfig } from "./schema.ts";

export function inactiveParts(raw: RawConfig): string[] {
  const parts: [boolean, string][] = [
    [Object.keys(raw.alerts.channels).length > 0, "alerts: channels and escalation are not active yet"],
  ];
  return parts.filter(([used]) => used).map(([, text]) => text);
}
