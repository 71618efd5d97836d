// init, serve, demo, doctor, version: beginning, and looking at the surroundings.
import { answer, type Command, type DemoVerb, isSet } from "../context.ts";
import { EXIT } from "../exit-codes.ts";
import { renderDoctor } from "../render/doctor.ts";
import { usageError } from "./options.ts";

export const serve: Command = ({ serve: start, options, signal, terminal }) =>
  start({ ...(options.config !== undefined && { config: options.config }), signal, terminal });

const DEMO_VERBS: readonly DemoVerb[] = ["up", "break", "mend", "down", "faults"];

export const demo: Command = ({ demo: run, options, signal, terminal }, [wanted = "up", fault]) => {
  const verb = DEMO_VERBS.find((one) => one === wanted);
  if (verb === undefined) throw usageError(`demo has no ${wanted}`, `Write one of ${DEMO_VERBS.join(", ")}.`);
  if (verb === "break" && fault === undefined)
    throw usageError("demo break needs a fault", "opsmedic demo faults lists them.");
  return run({ verb, json: options.json, ...(fault !== undefined && { fault }) }, { signal, terminal });
};

/** Exit code 3 where something must be mended; warnings alone are not a problem. */
export const doctor: Command = async ({ doctor: look, options, signal, terminal }) => {
  const results = await look({ ...(options.config !== undefined && { config: options.config }), signal });
  const code = results.some(({ status }) => status === "fail") ? EXIT.problems : EXIT.ok;
  return answer(
    { ok: code === EXIT.ok, checks: results },
    (given) => renderDoctor(given.checks, terminal.paint),
    code,
  );
};

export const init: Command = async (context, _args, options) => {
  const { initialise } = await import("../init/initialise.ts");
  return initialise(context, { yes: isSet(options, "yes"), dryRun: isSet(options, "dryRun") });
};

export const version: Command = async (context) =>
  answer({ version: context.version(), node: process.version }, (given) => given.version);
