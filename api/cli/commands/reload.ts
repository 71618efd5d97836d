// config reload: the running server goes by its file as it is now.
import type { ReloadAnswer } from "../../configuring.ts";
import { answer, type Command, isSet } from "../context.ts";

export const reload: Command = (context, _args, options) =>
  context.withOperations(async (operations) => {
    const dry_run = isSet(options, "dryRun");
    const changes = await operations.reloadConfig({ dry_run }, context.actor);
    return answer({ ...changes, dry_run }, (given) => reloadText(given));
  });

function reloadText(changes: ReloadAnswer & { dry_run: boolean }): string {
  const { added, changed, removed, policy, switched_mode, needs_restart, dry_run } = changes;
  const lines = [
    ...added.map((name) => `+ ${name}: watched from now on`),
    ...changed.map(
      (name) => `~ ${name}: watched as the file says now; what runs of it goes on as it was started`,
    ),
    ...removed.map((name) => `- ${name}: no longer watched; what runs of it goes on`),
    policy ? "~ what healing may do (healing, thresholds)" : "",
    switched_mode === null
      ? ""
      : `▲ the mode stays ${switched_mode}, as it was switched while running: opsmedic mode changes it`,
    needs_restart.length === 0 ? "" : `▲ only from the server's next start on: ${needs_restart.join(", ")}`,
  ].filter((line) => line !== "");
  if (lines.length === 0) return "Nothing has changed.";
  return [dry_run ? "Would take over:" : "Taken over:", ...lines].join("\n");
}
