// The gate's rules about the services around: who would be without the service for a while, and whose maintenance is on.
import { inWindow } from "./deny-window.ts";
import { ask, deny, type GateInput, pass, type Rule } from "./gate-answer.ts";
import type { GateNeighbour } from "./gate-history.ts";
import { othersServe } from "./gate-replicas.ts";
import { touched } from "./gate-safety.ts";

/**
 * Dependants that are well now and would be without the service count like services that are touched; those that suffer
 * from it already lose nothing.
 */
export const dependantsRule: Rule = (input) => {
  const { plan, policy } = input;
  if (plan.blastRadius.downtimeMs === 0) return pass("nobody is without the service by it");
  if (othersServe(input)) return pass("other replicas serve meanwhile");
  const harmed = around(input).filter((one) => one.relation === "dependant" && !one.suffers);
  const names = new Set([...touched(plan), ...harmed.map((one) => one.name)]);
  if (names.size <= policy.maxBlastServices)
    return pass(`${harmed.length} services that are well would be without it for a while`);
  const told = harmed.map((one) => one.name).join(", ");
  return ask(
    `${told} would be without it for a while: ${names.size} services, at most ${policy.maxBlastServices} without asking`,
  );
};

/** Somebody is at work there: what shows here may be their doing, and must not come in their way. */
export const maintenanceRule: Rule = (input) => {
  for (const { name, relation, windows } of around(input)) {
    const open = windows.find((one) => inWindow(one, input.now));
    if (open) return deny(`${whose(name, relation)} is under maintenance (${open.text} ${open.timezone})`);
  }
  return pass("no maintenance of it, its dependants or its dependencies");
};

/** Records of a time before they were read have none. */
function around({ history }: GateInput): GateNeighbour[] {
  return history.neighbours ?? [];
}

function whose(name: string, relation: GateNeighbour["relation"]): string {
  if (relation === "itself") return name;
  return relation === "dependant" ? `${name}, which depends on it,` : `${name}, on which it depends,`;
}
