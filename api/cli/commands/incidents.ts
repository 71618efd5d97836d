// incidents ls, show, timeline, evidence, similar, postmortem, stats; and ack, resolve, note.
import { findingKinds } from "../../../domain/finding.ts";
import { answer, type Command, type CommandOptions, isSet, textOption } from "../context.ts";
import {
  renderEvidence,
  renderIncidentStats,
  renderSimilar,
  renderStory,
  renderTimeline,
} from "../render/incident-desk.ts";
import { renderIncidents } from "../render/lists.ts";
import { choiceOption, limitOption, reasonOption, sinceOption } from "./options.ts";

const STATUSES = ["ACTIVE", "RESOLVED", "ESCALATED"] as const;
const SEVERITIES = ["CRITICAL", "WARNING", "INFO"] as const;

export const list: Command = (context, _args, options) =>
  context.withOperations(async (operations) => {
    const page = await operations.searchIncidents({
      limit: limitOption(options),
      service: textOption(options, "service"),
      status: choiceOption(options, "status", STATUSES),
      severity: choiceOption(options, "severity", SEVERITIES),
      type: choiceOption(options, "type", findingKinds),
      q: textOption(options, "text"),
      from: sinceOption(options, context.clock.now()),
      cursor: textOption(options, "cursor"),
    });
    return answer(page, ({ incidents, next_cursor, total }) => {
      const more = next_cursor === null ? "" : `\n${total} in all. More: --cursor ${next_cursor}`;
      return renderIncidents(incidents, context.clock.now(), context.terminal.paint) + more;
    });
  });

export const show: Command = (context, [id = ""], options) =>
  context.withOperations(async (operations) => {
    const story = await operations.incident(id, { explain: isSet(options, "explain") });
    return answer(story, (given) => renderStory(given, context.clock.now(), context.terminal.paint));
  });

export const timeline: Command = (context, [id = ""]) =>
  context.withOperations(async (operations) =>
    answer(await operations.incidentTimeline(id), (given) => renderTimeline(given)),
  );

export const evidence: Command = (context, [id = ""]) =>
  context.withOperations(async (operations) =>
    answer(await operations.incidentEvidence(id), (given) => renderEvidence(given, context.terminal.paint)),
  );

export const similar: Command = (context, [id = ""], options) =>
  context.withOperations(async (operations) => {
    const limit = Math.min(limitOption(options), 100);
    const found = await operations.similarIncidents(id, { limit });
    return answer(found, (given) => renderSimilar(given, context.clock.now(), context.terminal.paint));
  });

/** The page on stdout, so that it can go into a file; --json gives the parts. */
export const postmortem: Command = (context, [id = ""], options) =>
  context.withOperations(async (operations) => {
    const made = await operations.postmortem(id, { explain: isSet(options, "explain") });
    return answer(made, ({ markdown }) => markdown.trimEnd());
  });

export const stats: Command = (context, _args, options) =>
  context.withOperations(async (operations) => {
    const from = sinceOption(options, context.clock.now());
    const service = textOption(options, "service");
    const found = await operations.incidentStats({
      ...(from !== undefined && { from }),
      ...(service !== undefined && { service }),
    });
    return answer(found, renderIncidentStats);
  });

export const acknowledge: Command = said("acknowledge", (options) => textOption(options, "reason") ?? "");
export const resolve: Command = said("resolve", reasonOption);
export const note: Command = (context, [id = "", text = ""], options) =>
  said("note", () => text)(context, [id], options);

const words = { acknowledge: "Acknowledged", resolve: "Resolved", note: "Noted" };

function said(kind: keyof typeof words, textOf: (options: CommandOptions) => string): Command {
  return (context, [id = ""], options) => {
    const text = textOf(options);
    const cause = choiceOption(options, "cause", ["right", "wrong"]);
    return context.withOperations(async (operations) => {
      if (isSet(options, "dryRun")) {
        const { incident } = await operations.incident(id);
        return answer(incident, (one) => `Would have ${words[kind].toLowerCase()} ${one.id}: ${one.title}`);
      }
      const { actor } = context;
      const done = await {
        acknowledge: () => operations.acknowledgeIncident(id, { text }, actor),
        resolve: () => operations.resolveIncident(id, { text, ...(cause && { cause }) }, actor),
        note: () => operations.noteIncident(id, { text }, actor),
      }[kind]();
      return answer(done, () => `${words[kind]} ${id}.`);
    });
  };
}
