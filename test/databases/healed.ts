// One healing of a database through the whole graph, which must end well by this playbook's action or actions.
import { expect } from "vitest";
import type { Scenario } from "../scenarios/site.ts";

/** The incident as the run left it. */
export async function healedBy(
  site: Pick<Scenario, "heal" | "incident">,
  service: string,
  { playbook, action }: { playbook: string; action: string | string[] },
) {
  const run = await site.heal(service);
  const incident = await site.incident(run?.id);
  expect({
    outcome: run?.outcome,
    because: incident.noPlan,
    text: incident.validation?.summary,
  }).toMatchObject({ outcome: "healed" });
  expect(incident).toMatchObject({
    plan: { playbook, actions: [action].flat().map((one) => ({ action: one })) },
    verdict: { decision: "allow" },
    validation: { outcome: "healed" },
  });
  return incident;
}
