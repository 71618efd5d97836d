// A worker that asks an upstream as fast as its YAML file says.
import { openScenario, type Scenario } from "./site.ts";
import { program, type Upstream } from "./surroundings.ts";

export const SETTINGS = `# how we ask the partner
upstream:
    # seconds between two calls; agreed with partner
    delay_seconds:   0.1    # was 0.05 until May
    pages: [ 1,2,  3 ]

report: {every: 10m}
`;

/** worker runs, is well and has files that are known to be good. */
export async function openWorker(
  upstream: Upstream,
  healing: object = {},
  prepare: (folder: string) => void = () => undefined,
): Promise<Scenario> {
  const site = await openScenario({
    files: { "worker/settings.yaml": SETTINGS },
    healing,
    prepare,
    services: (folder) => [
      {
        name: "worker",
        runtime: {
          process: {
            command: program("worker"),
            env: { CONFIG: `${folder}/worker/settings.yaml`, UPSTREAM: `${upstream.url}/pages` },
          },
        },
        files: { root: `${folder}/worker`, editable: ["*.yaml"], afterEdit: "restart" },
      },
    ],
  });
  await site.start("worker");
  await site.settle("worker");
  return site;
}
