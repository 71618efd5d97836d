// Processes that end or go bad, each for one reason.
import type { Fault } from "../fault.ts";
import { processScene, type Role } from "../process-site.ts";

/** The service at fault, and one beside it that has nothing to do with it. */
export const pair = (web: Role = {}): Record<string, Role> => ({ web, cart: {} });

const healable = { kind: "plain", needs: "processes", right: "healed", may: ["process web"] } as const;
const cause = (...playbooks: string[]): Pick<Fault, "causes"> => ({ causes: [{ role: "web", playbooks }] });
const becoming = (way: string, web: Role = {}): Fault["stage"] =>
  processScene(pair(web), (site) => ({
    break: async () => {
      site.willEnd("web");
      await site.become("web", way);
    },
  }));
const killed = (signal: NodeJS.Signals): Fault["stage"] =>
  processScene(pair(), (site) => ({ break: async () => site.kill("web", signal) }));
const onOneProcessor: Role = { under: ["taskset", "-c", "0"] };
const mebibytes = (limit: number): Role => ({ more: { limits: { maxMemory: `${limit}m` } } });

export const processFaults: readonly Fault[] = [
  {
    ...healable,
    ...cause("process-crash"),
    name: "uncaught-exception",
    title: "The process throws an exception that nobody catches, and ends.",
    ci: true,
    stage: becoming("throwing"),
  },
  {
    ...healable,
    ...cause("process-crash"),
    name: "killed",
    title: "The process is killed with SIGKILL.",
    stage: killed("SIGKILL"),
  },
  {
    ...healable,
    ...cause("hang"),
    name: "stopped-in-its-tracks",
    title: "The process is stopped by a signal (SIGSTOP), and answers nothing.",
    stage: killed("SIGSTOP"),
  },
  {
    ...healable,
    ...cause("hang"),
    name: "deadlock",
    title: "The process waits for ever for a lock, and answers nothing.",
    ci: true,
    stage: becoming("locked"),
  },
  {
    ...healable,
    ...cause("hang", "cpu-runaway"),
    name: "endless-loop",
    title: "A loop in the event loop never ends: nothing is answered any more.",
    stage: becoming("blocked", onOneProcessor),
  },
  {
    ...healable,
    ...cause("degraded-process"),
    name: "broken-state",
    title: "Something in its memory is broken: every request fails.",
    ci: true,
    stage: becoming("failing"),
  },
  {
    ...healable,
    ...cause("degraded-process"),
    name: "slower-and-slower",
    title: "Each answer takes longer than the one before, up to 1.6 s.",
    stage: becoming("crawling"),
  },
  {
    ...healable,
    ...cause("cpu-runaway"),
    name: "runaway-loops",
    title: "Threads of it loop for ever: it answers, and burns all the CPU that it may use.",
    alone: true,
    stage: becoming("spinning", onOneProcessor),
  },
  {
    ...healable,
    ...cause("memory-leak"),
    name: "memory-leak",
    title: "It keeps everything: its memory grows to its limit.",
    withinMs: 120_000,
    stage: becoming("leaking", mebibytes(220)),
  },
  {
    ...healable,
    ...cause("file-descriptors-exhausted"),
    name: "file-leak",
    title: "It opens files and closes none, until the kernel gives it no more.",
    stage: becoming("leaking-files", { under: ["sh", "-c", 'ulimit -n 160; exec "$0" "$@"'] }),
  },
  {
    ...healable,
    ...cause("connection-leak"),
    name: "connection-leak",
    title: "It keeps connections that others have closed, and fails.",
    stage: becoming("leaking-connections"),
  },
  {
    ...healable,
    ...cause("crash-after-deploy"),
    name: "bad-command",
    title:
      "Its operator gives it an option that its program does not know, and starts it anew: it ends at once.",
    ci: true,
    takeBack: true,
    stage: processScene(pair(), (site) => ({
      break: async (operator) => {
        site.willEnd("web");
        // Before the program's file: an option of what runs it.
        await operator.changeCommand(site.nameOf("web"), (command) =>
          command.toSpliced(-1, 0, "--no-such-option"),
        );
      },
    })),
  },
];
