// The right fix for the likeliest cause does not help: it is taken back exactly, and a person hears of it.
import type { Fault } from "../fault.ts";
import { processScene, type Role } from "../process-site.ts";
import { pair } from "./processes.ts";
import { impatient, rollOut, workerScene, workerYaml } from "./settings.ts";

const inVain = { kind: "fix in vain", needs: "processes", right: "given up", withinMs: 120_000 } as const;
const cause = (...playbooks: string[]): Pick<Fault, "causes"> => ({ causes: [{ role: "web", playbooks }] });

/** From the break on every start breaks again. */
const again = (way: string, web: Role = {}): Fault["stage"] =>
  processScene(pair({ env: { MARK: "../mark" }, ...web }), (site) => ({
    break: async () => {
      site.willEnd("web");
      site.write("mark", way);
      await site.become("web", way);
    },
    mend: async () => site.write("mark", "well"),
  }));

export const vainFaults: readonly Fault[] = [
  {
    ...inVain,
    ...cause("degraded-process"),
    name: "fails-after-every-start",
    title: "Every request fails, and after a restart again.",
    may: ["process web"],
    ci: true,
    stage: again("failing"),
  },
  {
    ...inVain,
    ...cause("hang"),
    name: "hangs-after-every-start",
    title: "It waits for ever for a lock, and after a restart again.",
    may: ["process web"],
    stage: again("locked"),
  },
  {
    ...inVain,
    ...cause("process-crash"),
    name: "ends-after-every-start",
    title: "It ends a second after each start.",
    may: ["process web"],
    stage: again("crashing"),
  },
  {
    ...inVain,
    causes: [{ role: "worker", playbooks: ["rate-limited-by-upstream"] }],
    name: "half-as-fast-is-too-fast",
    title: "A partner allows a quarter of what the worker asks: a bounded step does not suffice.",
    may: ["process worker", "file worker/"],
    stage: workerScene("settings.yaml", workerYaml, ({ upstream }) => ({
      break: async () => void (upstream.limit.leastMs = 800),
    })),
  },
  {
    ...inVain,
    ...cause("timeout-too-short"),
    name: "waiting-longer-is-not-enough",
    title: "The service behind it takes 800 ms; a bounded step from 400 ms does not reach it.",
    may: ["process web", "file web/"],
    stage: impatient(400, 350, 800),
  },
  {
    ...inVain,
    ...cause("crash-after-bad-config", "degraded-process"),
    name: "roll-out-is-not-to-blame",
    title:
      "A harmless roll-out, and at the same moment every request fails for ever: putting it back does not help.",
    may: ["process web", "file web/"],
    stage: processScene(pair({ env: { MARK: "../mark" } }), (site) => ({
      break: async () => {
        site.write("mark", "failing");
        await rollOut(site, "web", "settings.json", '{ "greeting": "good day", "peerTimeoutMs": 800 }\n');
        await site.become("web", "failing");
      },
      mend: async () => site.write("mark", "well"),
    })),
  },
];
