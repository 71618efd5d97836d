// Containers of a real engine that end, stand still or are too small.
import { containerScene, type ContainerRole } from "../container-site.ts";
import type { Cause, Fault } from "../fault.ts";

const plain = { kind: "plain", needs: "docker", right: "healed", may: ["process web"] } as const;
const cause = (...playbooks: string[]): { causes: Cause[] } => ({ causes: [{ role: "web", playbooks }] });
const pair = (web: ContainerRole = {}): Record<string, ContainerRole> => ({ web, cart: {} });

export const containerFaults: readonly Fault[] = [
  {
    ...plain,
    ...cause("process-crash"),
    name: "container-killed",
    title: "A container is killed.",
    stage: containerScene(pair(), (site) => ({
      break: async () => {
        site.willEnd("web");
        await site.docker("kill", site.containerOf("web"));
      },
    })),
  },
  {
    ...plain,
    ...cause("container-paused"),
    // Whether it was meant is not known: somebody is asked or told, or it goes on.
    name: "container-paused",
    title: "A container stands still: somebody has paused it and forgotten.",
    right: "told",
    may: [],
    stage: containerScene(pair(), (site) => ({
      break: async () => {
        site.willEnd("web");
        await site.docker("pause", site.containerOf("web"));
      },
      mend: async () => void (await site.docker("unpause", site.containerOf("web")).catch(() => undefined)),
    })),
  },
  {
    ...plain,
    ...cause("hang"),
    name: "container-hangs",
    title: "What runs in a container waits for ever for a lock.",
    stage: containerScene(pair(), (site) => ({ break: () => site.become("web", "locked") })),
  },
  {
    ...plain,
    ...cause("memory-leak", "oom-limit-too-low"),
    name: "container-out-of-memory",
    title: "A container keeps everything until the kernel kills it at its limit.",
    may: ["process web", "setting memory of web"],
    withinMs: 120_000,
    stage: containerScene(
      pair({ run: ["--memory", "140m", "--memory-swap", "140m"], more: { limits: { maxMemory: "512m" } } }),
      (site) => ({
        break: async () => {
          site.willEnd("web");
          await site.become("web", "leaking");
        },
      }),
    ),
  },
  {
    ...plain,
    ...cause("crash-after-deploy"),
    name: "container-bad-command",
    title: "A container is rolled out anew with an option that its program does not know, and ends at once.",
    takeBack: true,
    ci: true,
    stage: containerScene(pair(), (site) => ({
      break: async () => {
        site.willEnd("web");
        await site.replace("web", ["node", "--no-such-option", "/shop/web.ts"]);
      },
    })),
  },
  {
    kind: "decoy",
    needs: "docker",
    right: "nothing",
    name: "container-stopped-by-its-operator",
    title: "Somebody stops a container with docker stop.",
    stage: containerScene(pair(), (site) => ({
      break: async () => {
        site.willEnd("web");
        await site.docker("stop", "--time", "2", site.containerOf("web"));
      },
    })),
  },
];
