// status: services, incidents and approvals on one screen, once or again and again.
import type { StatusAnswer } from "../../operations.ts";
import { answer, type CliContext, type Command, isSet } from "../context.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { harmless } from "../render/harmless.ts";
import { renderStatus } from "../render/status.ts";

const REFRESH_MS = 2_000;
const CLEAR_SCREEN = "\u001b[H\u001b[2J";

export const status: Command = (context, _args, options) =>
  context.withOperations(async (operations, via) => {
    if (via === "embedded") context.progress("No server runs here: looking at the services now …");
    if (isSet(options, "watch")) return watch(context, () => operations.status());
    const data = await operations.status();
    return answer(
      data,
      (given) => renderStatus(given, context.clock.now(), context.terminal.paint),
      codeOf(data),
    );
  });

/** One JSON line or one screen each time, until interrupted. */
async function watch(context: CliContext, read: () => Promise<StatusAnswer>): Promise<ExitCode> {
  const { terminal, options, clock, signal } = context;
  while (!signal.aborted) {
    const data = await read();
    const screen = () =>
      `${terminal.interactive ? CLEAR_SCREEN : ""}${renderStatus(harmless(data), clock.now(), terminal.paint)}\n`;
    terminal.out(options.json ? `${JSON.stringify(data)}\n` : screen());
    await clock.sleep(REFRESH_MS, signal);
  }
  return EXIT.interrupted;
}

/** Not to know is not to be well: a service that nobody could look at counts as a problem. */
function codeOf({ services, open_incidents }: StatusAnswer): ExitCode {
  const broken = services.some((one) => one.status !== "healthy");
  return broken || open_incidents.some(({ severity }) => severity !== "INFO") ? EXIT.problems : EXIT.ok;
}
