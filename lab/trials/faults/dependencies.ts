// Services that suffer from others: the one at fault is healed, and those that suffer are left alone.
import type { Fault } from "../fault.ts";
import { type ProcessSite, processScene } from "../process-site.ts";

const chain = { web: { asks: "api" }, api: { asks: "db" }, db: {} };
const two = { web: { asks: "api" }, api: {} };
const plain = { kind: "plain", needs: "processes", right: "healed" } as const;
const at = (role: string, ...playbooks: string[]): Pick<Fault, "causes" | "may"> => ({
  causes: [{ role, playbooks }],
  may: [`process ${role}`],
});
const becoming = (role: string, way: string) => (site: ProcessSite) => ({
  break: async () => {
    site.willEnd(role);
    await site.become(role, way);
  },
});

export const dependencyFaults: readonly Fault[] = [
  {
    ...plain,
    ...at("api", "process-crash"),
    name: "needed-service-killed",
    title: "The service that it needs is killed; the one that suffers is not touched.",
    ci: true,
    stage: processScene(two, (site) => ({ break: async () => site.kill("api") })),
  },
  {
    ...plain,
    ...at("db", "process-crash"),
    name: "two-steps-down",
    title: "What is needed by what it needs is killed.",
    stage: processScene(chain, (site) => ({ break: async () => site.kill("db") })),
  },
  {
    ...plain,
    ...at("api", "hang"),
    name: "needed-service-hangs",
    title: "The service that it needs waits for a lock for ever.",
    stage: processScene(two, becoming("api", "locked")),
  },
  {
    ...plain,
    ...at("api", "degraded-process"),
    name: "needed-service-fails",
    title: "The service that it needs answers every request with an error.",
    stage: processScene(two, becoming("api", "failing")),
  },
];
