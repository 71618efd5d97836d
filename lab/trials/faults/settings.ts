// Roll-outs of settings that break a service, and settings that do not fit the world any more.
import { openUpstream, type Upstream } from "../../upstream.ts";
import type { Fault, Ground, Scene } from "../fault.ts";
import { type ProcessSite, processScene, type Role } from "../process-site.ts";
import { pair } from "./processes.ts";

const restored = {
  kind: "plain",
  needs: "processes",
  right: "healed",
  may: ["process web", "file web/"],
  causes: [{ role: "web", playbooks: ["crash-after-bad-config"] }],
} as const;

/** A file is written, and the running process is told to read it again, as roll-outs do. */
export async function rollOut(site: ProcessSite, role: string, file: string, text: string): Promise<void> {
  site.willEnd(role);
  site.write(`${role}/${file}`, text);
  process.kill(site.pidOf(role), "SIGHUP");
}

const rolledOut = (text: string): Fault["stage"] =>
  processScene(pair(), (site) => ({ break: () => rollOut(site, "web", "settings.json", text) }));

export const workerYaml = `# how we ask the partner
upstream:
    # seconds between two calls; agreed with partner
    delay_seconds:   0.2    # was 0.1 until May
    pages: [ 1,2,  3 ]

report: {every: 10m}
`;
const workerJson = `{ "upstream": { "delaySeconds": 0.2, "delay_seconds": 0.2 },\n   "pages": [1,2] }\n`;

/** How fast the worker asks by its settings, ms. */
const PACE_MS = 200;

export interface WorkerWorld {
  site: ProcessSite;
  upstream: Upstream;
}

/** A worker that asks a partner as fast as its settings say. It serves nobody: it is well while the partner answers. */
export function workerScene(
  file: string,
  text: string,
  acts: (world: WorkerWorld) => Pick<Scene, "break"> & Partial<Scene>,
  beside: Readonly<Record<string, Role>> = { cart: {} },
): Fault["stage"] {
  return async (ground: Ground) => {
    const upstream = ground.disposables.use(await openUpstream(0));
    const worker: Role = {
      program: "worker",
      files: { [file]: text },
      env: { CONFIG: `${ground.folder}/worker/${file}`, UPSTREAM: `${upstream.url}/pages` },
      more: { health: [] },
    };
    return processScene({ worker, ...beside }, (site) => {
      const well = wellWhileAnswered(upstream);
      return {
        well: async () => (await well()) && site.allAnswer(Object.keys(beside)),
        mend: async () => void (upstream.limit.leastMs = 0),
        ...acts({ site, upstream }),
      };
    })(ground);
  };
}

/** Refused no more often than once in the last seconds. */
function wellWhileAnswered(upstream: Upstream): () => Promise<boolean> {
  const seen: { at: number; refused: number }[] = [];
  return async () => {
    const at = Date.now();
    seen.push({ at, refused: upstream.seen.refused });
    while (seen[0] && at - seen[0].at > 2_500) seen.shift();
    return upstream.seen.refused - (seen[0]?.refused ?? 0) <= 1;
  };
}

const slower = {
  kind: "plain",
  needs: "processes",
  right: "healed",
  may: ["process worker", "file worker/"],
  causes: [{ role: "worker", playbooks: ["rate-limited-by-upstream"] }],
  takeBack: true,
} as const;
const limited = (file: string, text: string): Fault["stage"] =>
  workerScene(file, text, ({ upstream }) => ({
    break: async () => void (upstream.limit.leastMs = PACE_MS * 1.25),
  }));

/** web gives up after its time limit; api takes `fromMs` for an answer, and from the break on `toMs`. */
export const impatient = (limitMs: number, fromMs: number, toMs: number): Fault["stage"] =>
  processScene(
    {
      web: {
        asks: "api",
        files: { "settings.json": `{\n  "greeting": "hello",\n  "peerTimeoutMs": ${limitMs}\n}\n` },
      },
      api: {
        files: { "settings.json": '{ "greeting": "api" }\n', way: `slow-${fromMs}` },
        env: { MARK: "way" },
      },
    },
    (site) => ({
      break: () => site.become("api", `slow-${toMs}`),
      mend: () => site.become("api", "slow-1"),
    }),
  );

export const settingFaults: readonly Fault[] = [
  {
    ...restored,
    name: "required-setting-gone",
    title: "A roll-out leaves a required setting out: the process ends, and at each start again.",
    ci: true,
    stage: rolledOut('{ "peerTimeoutMs": 800 }\n'),
  },
  {
    ...restored,
    name: "settings-not-json",
    title: "A roll-out writes a settings file that cannot be read.",
    stage: rolledOut('{ "greeting": "hello", "peerTimeoutMs": 800,, }\n'),
  },
  {
    ...restored,
    name: "wrong-number-rolled-out",
    title: "A roll-out writes a time limit of 1 ms: every call of the other service is given up.",
    stage: processScene({ web: { asks: "api" }, api: {} }, (site) => ({
      break: async () => {
        await site.become("api", "slow-60");
        await rollOut(site, "web", "settings.json", '{ "greeting": "hello", "peerTimeoutMs": 1 }\n');
      },
    })),
  },
  {
    ...restored,
    name: "several-files-rolled-out",
    title: "A roll-out changes three files, one of them fatally; all are put back together.",
    stage: processScene(
      pair({
        files: {
          "settings.json": '{ "greeting": "hello" }\n',
          "menu.yaml": "entries: [home, cart]\n",
          "colours.yaml": "main: blue\n",
        },
      }),
      (site) => ({
        break: async () => {
          site.write("web/menu.yaml", "entries: [home, cart, sale]\n");
          site.write("web/colours.yaml", "main: red\n");
          await rollOut(site, "web", "settings.json", '{ "greetings": "hello" }\n');
        },
      }),
    ),
  },
  {
    ...slower,
    name: "partner-limits-yaml",
    title: "A partner allows fewer calls than the worker makes; a number in its YAML governs how many.",
    ci: true,
    stage: limited("settings.yaml", workerYaml),
  },
  {
    ...slower,
    name: "partner-limits-json",
    title: "The same with settings in JSON.",
    stage: limited("settings.json", workerJson.replace('"delaySeconds": 0.2, ', "")),
  },
  {
    name: "time-limit-too-short",
    title: "The service behind it takes 520 ms instead of 350; it gives up after 400.",
    kind: "plain",
    needs: "processes",
    right: "healed",
    may: ["process web", "file web/settings.json"],
    causes: [{ role: "web", playbooks: ["timeout-too-short"] }],
    takeBack: true,
    stage: impatient(400, 350, 520),
  },
];
