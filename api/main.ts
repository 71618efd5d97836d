// The program's entry: the command line with everything real behind it. Parts are loaded when a command needs
// them, so that --help answers at once.
import { userInfo } from "node:os";
import { makeCli } from "./cli.ts";
import { EXIT, type ExitCode } from "./cli/exit-codes.ts";
import { systemClock } from "../domain/system-clock.ts";
import { processTerminal } from "./cli/terminal.ts";
import { packageVersion } from "./cli/version.ts";

const terminal = processTerminal();

const cli = makeCli({
  terminal,
  clock: systemClock,
  version: packageVersion,
  cwd: process.cwd(),
  user: () => userInfo().username,
  async connect(options) {
    const { makeConnect } = await import("./cli/connect.ts");
    const { makeHttpOperations } = await import("./http-operations.ts");
    return makeConnect({
      overHttp: makeHttpOperations,
      embedded: async (config) => (await import("./embedded.ts")).openEmbedded(config),
    })(options);
  },
  async serve(options) {
    const { serve } = await import("./serve.ts");
    return serve({ ...options, cwd: process.cwd() });
  },
  async demo(request, options) {
    const { demoCommand } = await import("./demo-command.ts");
    return demoCommand(request, { ...options, cwd: process.cwd() });
  },
  async doctor(options) {
    const { examine } = await import("./cli/doctor/examine.ts");
    return examine({ ...options, cwd: process.cwd() });
  },
  async bench(request) {
    const { readPublicData } = await import("../lab/public-data/verbs.ts");
    await readPublicData(request);
  },
  lab: {
    async list(only) {
      return (await import("../lab/trials/lab-command.ts")).lab.list(only);
    },
    async run(request, options) {
      return (await import("../lab/trials/lab-command.ts")).lab.run(request, options);
    },
  },
  async findServices(signal) {
    const { findServices } = await import("./cli/init/find-services.ts");
    return findServices(signal);
  },
});

const interrupted = new AbortController();
listen("SIGINT", EXIT.interrupted);
listen("SIGTERM", EXIT.terminated);

/** The first time asks everything to stop; the second does not wait for it. */
function listen(name: NodeJS.Signals, code: ExitCode): void {
  process.on(name, () => {
    if (interrupted.signal.aborted) process.exit(code);
    interrupted.abort(code);
  });
}

const code = await cli.run(process.argv.slice(2), interrupted.signal);
// After a time-out or an interruption something may still run, and must not keep the process.
if (code === EXIT.timeout || interrupted.signal.aborted) process.exit(code);
process.exitCode = code;
