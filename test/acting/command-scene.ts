// A real process whose command was changed in the configuration: started well with one, then with another.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../domain/system-clock.ts";
import { type CatalogueParts, makeActions } from "../../tools/actions/catalogue.ts";
import { commandId } from "../../tools/process-commands.ts";
import { makeProcessSupervisor, type ProcessRuntime } from "../../tools/process-supervisor.ts";
import { makeProcessTarget } from "../../tools/process-target.ts";
import type { Commands, Target } from "../../tools/target.ts";
import type { ActionScene } from "../contract/action.contract.ts";
import { serviceNamed } from "../observation/service.ts";
import { Killed } from "./world.ts";

export async function rollBackCommandScene(parts: CatalogueParts): Promise<ActionScene> {
  const folder = await mkdtemp(join(tmpdir(), "opsmedic-command-"));
  const supervisor = makeProcessSupervisor({ folder, clock: systemClock, baseEnv: {}, graceMs: 1_000 });
  const lasting = (mark: string): ProcessRuntime => ({
    kind: "process",
    command: ["/bin/sh", "-c", "while :; do sleep 1; done", mark],
    cwd: folder,
    env: {},
  });
  const [good, bad] = [lasting("good"), lasting("bad")];
  const targetOf = (runtime: ProcessRuntime): Target =>
    makeProcessTarget(serviceNamed("shop", { runtime }), runtime, { supervisor, clock: systemClock });
  await targetOf(good).start();
  const target = targetOf(bad);
  await target.restart();
  const action = makeActions(parts).get("roll-back-command");
  if (!action || !target.commands) throw new Error("no such action, or no commands");
  const { commands } = target;

  let cut: "before" | "after" | undefined;
  const cuttable =
    (work: (signal?: AbortSignal) => Promise<void>) =>
    async (signal?: AbortSignal): Promise<void> => {
      const now = cut;
      cut = undefined;
      if (now === "before") throw new Killed("before");
      await work(signal);
      if (now === "after") throw new Killed("after");
    };
  const cutCommands: Commands = {
    ...commands,
    renew: cuttable(commands.renew),
    halt: cuttable(commands.halt),
  };
  return {
    action,
    params: { from: commandId(bad), to: commandId(good) },
    context: {
      service: serviceNamed("shop", { runtime: bad }),
      target: { ...target, commands: cutCommands },
      files: undefined,
      signal: AbortSignal.timeout(30_000),
    },
    async world() {
      const [{ status }, present] = await Promise.all([target.state(), commands.present()]);
      return JSON.stringify({
        status,
        runs: present?.id === commandId(good) ? "good" : "bad",
        instead: present?.chosen,
      });
    },
    cut(when) {
      cut = when;
    },
    async [Symbol.asyncDispose]() {
      await supervisor.stop("shop");
      await rm(folder, { recursive: true, force: true });
    },
  };
}
