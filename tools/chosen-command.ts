// With which command a plain process is started: the configured one, or the one that a repair has gone back to, as long as
// the configuration still says what it said then.
import { HealError } from "../domain/errors.ts";
import { shownCommand } from "./kept-commands.ts";
import { commandId } from "./process-commands.ts";
import { replicaName } from "./process-folder.ts";
import type { ProcessRuntime, ProcessSupervisor } from "./process-supervisor.ts";
import type { Commands, PresentCommand } from "./target.ts";

export interface ChosenCommandParts {
  name: string;
  /** As configured. */
  runtime: ProcessRuntime;
  supervisor: ProcessSupervisor;
  /** How many run now. */
  replicas: () => number;
}

export function makeChosenCommand({ name, runtime, supervisor, replicas }: ChosenCommandParts) {
  const configured = commandId(runtime);
  const place = () => supervisor.folderOf(name);

  function chosen(): string | undefined {
    const instead = place().commands.instead();
    return instead?.insteadOf === configured ? instead.id : undefined;
  }

  function runtimeNow(): ProcessRuntime {
    const id = chosen();
    return { ...runtime, ...(id !== undefined && place().commands.kept(id)) };
  }

  /** Replicas beside the first are told which they are. */
  function runtimeOf(replica: number): ProcessRuntime {
    const now = runtimeNow();
    return replica === 1 ? now : { ...now, env: { ...now.env, OPSMEDIC_REPLICA: String(replica) } };
  }

  function present(): PresentCommand | undefined {
    const { commands, lastClaim, record } = place();
    const failed = lastClaim() + 1;
    const run = commands.failed(failed) === undefined ? record()?.starts : failed;
    const found = run === undefined ? undefined : commands.ofRun(run);
    const line = found && commands.kept(found.id);
    return found && line && { ...found, shown: shownCommand(line.command), chosen: chosen() };
  }

  /** Whether it runs, and was started with this command. */
  function runsBy(id: string, process: string): boolean {
    const record = supervisor.running(process);
    return record !== undefined && supervisor.folderOf(process).commands.ofRun(record.starts)?.id === id;
  }

  const commands: Commands = {
    present: async (signal) => {
      signal?.throwIfAborted();
      return present();
    },
    has: async (id) => place().commands.kept(id) !== undefined,
    async choose(id, signal) {
      signal?.throwIfAborted();
      if (id !== undefined && place().commands.kept(id) === undefined) {
        throw new HealError(`the command ${id} of ${name} is not known here any more.`, {
          code: "command-unknown",
          hint: "Correct runtime.process.command in the configuration.",
        });
      }
      place().commands.setInstead(
        id === undefined || id === configured ? undefined : { insteadOf: configured, id },
      );
    },
    async renew(signal) {
      const wanted = commandId(runtimeNow());
      for (let replica = 1; replica <= Math.max(replicas(), 1); replica += 1) {
        const one = replicaName(name, replica);
        if (!runsBy(wanted, one)) await supervisor.restart(one, runtimeOf(replica), signal);
      }
    },
    halt: (signal) => supervisor.halt(name, signal),
  };

  return {
    commands,
    runtimeOf,
    /** What it runs instead of the configured command; undefined: it runs that one. */
    shown(): string | undefined {
      const id = chosen();
      const line = id !== undefined && runsBy(id, name) ? place().commands.kept(id) : undefined;
      return line && shownCommand(line.command);
    },
  };
}
