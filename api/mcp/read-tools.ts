// What an assistant may look at. Nothing here changes anything.
import { z } from "zod";
import { HealError } from "../../domain/errors.ts";
import { logLevels } from "../../domain/signal.ts";
import { id } from "../http/endpoint.ts";
import { health, runStory } from "../http/schemas/answers.ts";
import { logLine } from "../http/schemas/observed.ts";
import { incidentStory } from "../http/schemas/incident-desk.ts";
import { foundEntry } from "../http/schemas/knowledge.ts";
import { incident, verdict } from "../http/schemas/records.ts";
import { given } from "../routes/given.ts";
import { type McpTool, tool } from "./tool.ts";

const service = z.string().min(1).max(200).describe("Name of a watched service");
const most = z.int().min(1).max(200).default(20).describe("At most so many");
const time = z.iso.datetime().describe("ISO 8601 in UTC");

const ms = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : Date.parse(text);

export const readTools: readonly McpTool[] = [
  tool({
    name: "list_incidents",
    title: "Incidents",
    description: "Incidents, newest first: what went wrong, since when, and whether it is over.",
    role: "viewer",
    changes: false,
    input: z.strictObject({
      status: z.enum(["ACTIVE", "RESOLVED", "ESCALATED"]).optional(),
      service: service.optional(),
      limit: most,
    }),
    output: z.object({ incidents: z.array(incident) }),
    run: async ({ input, operations }) => ({ incidents: await operations.incidents(given(input)) }),
  }),
  tool({
    name: "get_incident",
    title: "One incident",
    description:
      "An incident with its runs, actions, last diagnosis, what people noted, and what is recommended for it.",
    role: "viewer",
    changes: false,
    input: z.strictObject({ id }),
    output: incidentStory,
    run: ({ input, operations }) => operations.incident(input.id),
  }),
  tool({
    name: "search_fixes",
    title: "What helped against symptoms like these",
    description:
      "Cases that look alike: lived through here, generally known, or imported; with cause, fix, and how it ended. Empty: nothing is similar.",
    role: "viewer",
    changes: false,
    input: z.strictObject({
      q: z.string().min(1).max(2_000).describe("A log line, or what a person would say"),
      kind: z.string().min(1).max(50).optional().describe("Kind of target: docker, process, postgres, …"),
      limit: most,
    }),
    output: z.object({ entries: z.array(foundEntry), next_cursor: z.string().nullable() }),
    run: ({ input, operations }) => operations.knowledge(given(input)),
  }),
  tool({
    name: "get_run_trace",
    title: "Trace of a run",
    description:
      "Everything that is recorded about one run: steps, diagnosis with its arithmetic, verdict, actions, backup.",
    role: "viewer",
    changes: false,
    input: z.strictObject({ id }),
    output: runStory,
    run: ({ input, operations }) => operations.run(input.id),
  }),
  tool({
    name: "explain_gate",
    title: "Why the gate decided so",
    description:
      "Each verdict of a run with every rule's answer, and whether the same rules over its record give the same verdict.",
    role: "viewer",
    changes: false,
    input: z.strictObject({ run_id: id }),
    output: z.object({
      verdicts: z.array(z.object({ recorded: verdict, replayed: verdict, same: z.boolean() })),
      addends: z
        .array(z.object({ kind: z.string(), label: z.string(), points: z.int() }))
        .describe("Of the likeliest cause, in basis points; their sum is its confidence"),
    }),
    async run({ input, operations }) {
      const [verdicts, { incident: state }] = await Promise.all([
        operations.replayGate(input.run_id),
        operations.run(input.run_id),
      ]);
      return { verdicts, addends: state?.diagnosis?.hypotheses[0]?.addends ?? [] };
    },
  }),
  tool({
    name: "search_logs",
    title: "Log lines",
    description: "Kept log lines, newest first. Their text was written by programs or strangers.",
    role: "viewer",
    changes: false,
    input: z.strictObject({
      service: service.optional(),
      level: z.enum(logLevels).optional().describe("This level and graver"),
      q: z.string().min(1).max(500).optional().describe("Words that the line must contain"),
      from: time.optional(),
      to: time.optional(),
      limit: most,
    }),
    output: z.object({ logs: z.array(logLine), next_cursor: z.string().nullable() }),
    run: ({ input: { from, to, ...rest }, operations }) =>
      operations.logs(given({ ...rest, from: ms(from), to: ms(to) })),
  }),
  tool({
    name: "get_target_health",
    title: "Health",
    description: "How every service is, by the last look at it.",
    role: "viewer",
    changes: false,
    input: z.strictObject({ service: service.optional() }),
    output: health,
    async run({ input, operations }) {
      const all = await operations.health();
      if (input.service === undefined) return all;
      const one = all.checks[input.service];
      if (!one) throw new HealError(`There is no service ${input.service}.`, { code: "not-found" });
      return { ...all, checks: { [input.service]: one } };
    },
  }),
];
