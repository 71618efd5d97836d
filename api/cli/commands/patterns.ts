// patterns ls, show, and rules ls, add, rm: what lines of logs have in common, and what users look for in them.
import { parseDuration } from "../../config/units.ts";
import { logRuleInput, type LogRuleInput } from "../../config/log-rule-schema.ts";
import { answer, type Command, type CommandOptions, isSet, textOption } from "../context.ts";
import { renderPattern, renderPatterns, renderRules, ruleWords } from "../render/patterns.ts";
import { limitOption, usageError } from "./options.ts";

export const list: Command = (context, [text], options) =>
  context.withOperations(async (operations) => {
    const service = textOption(options, "service");
    const cursor = textOption(options, "cursor");
    const page = await operations.patterns({
      limit: limitOption(options),
      ...(text !== undefined && { q: text }),
      ...(service !== undefined && { service }),
      ...(cursor !== undefined && { cursor }),
    });
    return answer(page, ({ patterns, next_cursor }) => {
      if (patterns.length === 0 && (text ?? service ?? cursor) !== undefined) return "No pattern fits.";
      const more = next_cursor === null ? "" : `\nMore: --cursor ${next_cursor}`;
      return renderPatterns(patterns, context.clock.now(), context.terminal.paint) + more;
    });
  });

export const show: Command = (context, [id = ""]) =>
  context.withOperations(async (operations) => {
    const story = await operations.pattern(id);
    return answer(story, (given) => renderPattern(given, context.clock.now(), context.terminal.paint));
  });

export const listRules: Command = (context) =>
  context.withOperations(async (operations) => {
    const data = await operations.rules();
    return answer(data, (given) => renderRules(given, context.clock.now(), context.terminal.paint));
  });

export const addRule: Command = (context, [name = "", match = ""], options) => {
  const rule = ruleOf(name, match, options);
  return context.withOperations(async (operations) => {
    if (isSet(options, "dryRun")) return answer(rule, (given) => `Would make ${ruleWords(given)}`);
    const made = await operations.addRule(rule, context.actor);
    return answer(made, (given) => `Made ${ruleWords(given)}`);
  });
};

export const removeRule: Command = (context, [name = ""], options) =>
  context.withOperations(async (operations) => {
    if (isSet(options, "dryRun")) {
      const rule = (await operations.rules()).rules.find((one) => one.name === name);
      if (rule === undefined)
        throw usageError(`There is no rule ${name}`, "opsmedic patterns rules ls lists them.");
      return answer(rule, (given) => `Would remove ${ruleWords(given)}`);
    }
    const gone = await operations.removeRule(name, context.actor);
    return answer(gone, (given) => `Removed ${ruleWords(given)}`);
  });

/** What the server would refuse is refused here, too, with every reason at once. */
function ruleOf(name: string, match: string, options: CommandOptions): LogRuleInput {
  const [service, level, severity, hint] = ["service", "level", "severity", "hint"].map((one) =>
    textOption(options, one),
  );
  const read = logRuleInput.safeParse({
    name,
    match,
    ...(service !== undefined && { service }),
    ...(level !== undefined && { level }),
    ...(severity !== undefined && { severity }),
    ...(hint !== undefined && { hint }),
    ...thresholdOf(textOption(options, "threshold")),
  });
  if (read.success) return read.data;
  const complaints = read.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
  throw usageError(
    complaints.join("\n"),
    'Write for example: opsmedic patterns rules add declined "card (was )?declined" --severity warning --threshold "20 in 5m"',
  );
}

/** "20 in 5m" */
function thresholdOf(text: string | undefined): { threshold?: LogRuleInput["threshold"] } {
  if (text === undefined) return {};
  const [, lines = "", within = ""] = /^\s*(\d{1,7})\s+in\s+(\S+)\s*$/.exec(text) ?? [];
  if (parseDuration(within) === undefined)
    throw usageError(`--threshold ${text} is not "N in T"`, 'Write for example --threshold "20 in 5m".');
  return { threshold: { lines: Number(lines), within } };
}
