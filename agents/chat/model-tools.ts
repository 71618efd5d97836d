// The closed list of what a model may have read for it: names and typed parameters. A service must be one that is
// watched, an id one that was read before; nothing on this list can change anything.
import { z } from "zod";
import type { Notebook } from "./notebook.ts";
import type { Reading } from "./reading.ts";

const HOUR = 3_600_000;
const service = z.string().max(200).optional();
const hours = z.number().min(1).max(744).optional();
const id = z.string().max(200);

export const toolCallSchema = z.discriminatedUnion("tool", [
  z.strictObject({ tool: z.literal("incidents"), service, hours }),
  z.strictObject({ tool: z.literal("runs"), service, hours }),
  z.strictObject({ tool: z.literal("run"), id }),
  z.strictObject({ tool: z.literal("approvals"), service, hours }),
  z.strictObject({ tool: z.literal("cases"), service, hours }),
  z.strictObject({ tool: z.literal("errors"), service, hours }),
  z.strictObject({ tool: z.literal("patterns"), service }),
  z.strictObject({ tool: z.literal("metrics"), service: z.string().max(200), hours }),
  z.strictObject({ tool: z.literal("backups"), service, hours }),
  z.strictObject({ tool: z.literal("audit"), hours }),
  z.strictObject({ tool: z.literal("services") }),
  z.strictObject({ tool: z.literal("watches"), service }),
]);
export type ToolCall = z.infer<typeof toolCallSchema>;

export const toolList = [
  "incidents {service?, hours?}: what was broken",
  "runs {service?, hours?}: passes through the machine and how they ended",
  "run {id}: one of them whole, with diagnosis, gate, plan and validation",
  "approvals {service?, hours?}: what waited for people, and what they decided",
  "cases {service?, hours?}: which fixes helped",
  "errors {service?, hours?}: log lines of errors and warnings",
  "patterns {service?}: what log lines have in common",
  "metrics {service, hours?}: numbers over time",
  "backups {service?, hours?}: what was kept before fixes",
  "audit {hours?}: who changed what",
  "services {}: how each service is now",
  "watches {service?}: symptoms that are watched more closely",
].join("\n");

export interface ToolLimits {
  services: readonly string[];
  notebook: Notebook;
  now: number;
}

/** false: it named a service or record that it may not, and nothing was read. */
export async function callTool(
  call: ToolCall,
  reading: Reading,
  { services, notebook, now }: ToolLimits,
): Promise<boolean> {
  const named = "service" in call ? call.service : undefined;
  if (named !== undefined && !services.includes(named)) return false;
  if ("id" in call && notebook.byId(call.id)?.kind !== "run") return false;
  const from = now - ("hours" in call && call.hours !== undefined ? call.hours * HOUR : 168 * HOUR);
  const within = { service: named, from, to: now };
  switch (call.tool) {
    case "incidents":
      await reading.incidents(within);
      return true;
    case "runs":
      await reading.runs(within);
      return true;
    case "run": {
      const read = await reading.run(call.id);
      for (const node of ["diagnose", "decide", "gate", "validate", "rollBack"]) read?.at(node);
      return read !== undefined;
    }
    case "approvals":
      await reading.approvals(within);
      return true;
    case "cases":
      await reading.cases(within);
      return true;
    case "errors":
      await reading.lines({ ...within, levels: ["warn", "error", "fatal"], limit: 20 });
      return true;
    case "patterns":
      await reading.patterns({ service: named, limit: 20 });
      return true;
    case "metrics":
      await reading.metrics({ service: call.service, from, to: now + 1, stepMs: HOUR });
      return true;
    case "backups":
      await reading.backups(within);
      return true;
    case "audit":
      await reading.audit(within);
      return true;
    case "services":
      await reading.services();
      return true;
    case "watches":
      await reading.watches(named);
      return true;
  }
}
