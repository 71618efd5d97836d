// `opsmedic demo`: the shop that comes with opsmedic, to be broken for real.
import { resolve } from "node:path";
import { HealError } from "../domain/errors.ts";
import { systemClock } from "../domain/system-clock.ts";
import { makeProcessSupervisor } from "../tools/process-supervisor.ts";
import { makeTargets } from "../tools/targets.ts";
import { EXIT, type ExitCode } from "./cli/exit-codes.ts";
import type { DemoVerb } from "./cli/context.ts";
import { runningServer } from "./cli/server-file.ts";
import type { Terminal } from "./cli/terminal.ts";
import { allVariables } from "./config.ts";
import { DEMO_DATA_DIR, demoConfig } from "./demo.ts";
import { processEnv } from "./wire.ts";

export interface DemoRequest {
  verb: DemoVerb;
  fault?: string;
  json: boolean;
}

export async function demoCommand(
  { verb, fault, json }: DemoRequest,
  { cwd, terminal, signal }: { cwd: string; terminal: Terminal; signal: AbortSignal },
): Promise<ExitCode> {
  const answer = await act(verb, fault, cwd, signal);
  terminal.out(json ? `${JSON.stringify(answer.data)}\n` : `${answer.text}\n`);
  return EXIT.ok;
}

interface Answer {
  data: object;
  text: string;
}

async function act(
  verb: DemoVerb,
  fault: string | undefined,
  cwd: string,
  signal: AbortSignal,
): Promise<Answer> {
  const { breakDemo, listFaults, mendDemo } = await import("../lab/demo.ts");
  const dataDir = resolve(cwd, DEMO_DATA_DIR);
  switch (verb) {
    case "faults": {
      const faults = listFaults();
      return {
        data: { faults },
        text: faults.map((one) => `${one.fault.padEnd(14)} ${one.text}`).join("\n"),
      };
    }
    case "break": {
      const text = await breakDemo(fault ?? "", { dataDir });
      const next = (await runningServer(dataDir))
        ? "Watch it heal:  opsmedic runs ls"
        : "No server is running here, so nobody will heal it: start one with  npm start";
      return { data: { broken: fault, text }, text: `${text}\n${next}` };
    }
    case "mend":
      await mendDemo({ dataDir });
      return {
        data: { mended: true },
        text: "The partner's limit is as it was; what opsmedic heals is left to it.",
      };
    case "up":
    case "down":
      return upOrDown(verb, cwd, signal);
  }
}

/** Down is an operator's stop: a server that watches leaves it alone. */
async function upOrDown(verb: "up" | "down", cwd: string, signal: AbortSignal): Promise<Answer> {
  const config = await demoConfig(cwd);
  const supervisor = makeProcessSupervisor({
    folder: resolve(config.dataDir, "processes"),
    clock: systemClock,
    baseEnv: processEnv(allVariables()),
  });
  const targets = makeTargets({ services: () => config.services, processes: supervisor, clock: systemClock });
  const names = config.services.map((one) => one.name);
  for (const name of verb === "up" ? names : names.toReversed()) {
    signal.throwIfAborted();
    if (verb === "up") await targets.of(name)?.start(signal);
    else await supervisor.stop(name);
  }
  if (names.length === 0) throw new HealError("The demo has no services.", { code: "demo-not-prepared" });
  return { data: { [verb]: names }, text: `${names.join(", ")}: ${verb === "up" ? "started" : "stopped"}` };
}
