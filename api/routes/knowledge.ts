// /api/knowledge: what is remembered.
import { z } from "zod";
import { entryOutcomes } from "../../knowledge/entry-records.ts";
import { searchModes } from "../../knowledge/search/make-search.ts";
import { endpoint, handle, id, limit, type Route } from "../http/endpoint.ts";
import { entryStory, foundEntry, knowledgeEntry } from "../http/schemas/knowledge.ts";
import type { Knowledge } from "../knowledge.ts";
import { given } from "./given.ts";

const tag = "Knowledge";
const kind = z.string().min(1).max(100).optional().describe("Kind of target, such as docker or postgres");
const outcome = z.enum(entryOutcomes).optional();
const text = (longest: number) => z.string().trim().min(1).max(longest);
const content = {
  title: text(400),
  symptoms: z.array(text(8_000)).max(12).describe("Log lines as programs write them"),
  vocabulary: z.array(text(200)).max(50).describe("What people call it"),
  playbook: z.string().max(100),
  cause: z.string().max(2_000),
  fix: z.string().max(2_000),
};

export const knowledge = {
  list: endpoint({
    method: "get",
    path: "/api/knowledge",
    role: "viewer",
    tag,
    summary:
      "Cases like a text, best first; without a text all, the latest first. An empty list: nothing is similar",
    query: z.strictObject({
      q: z.string().min(1).max(8_000).optional().describe("Log lines, or your own words"),
      kind,
      outcome,
      mode: z.enum(searchModes).optional(),
      limit,
      cursor: z.string().max(300).optional().describe("next_cursor of the page before"),
    }),
    response: z.object({ entries: z.array(foundEntry), next_cursor: z.string().nullable() }),
  }),
  export: endpoint({
    method: "get",
    path: "/api/knowledge/export",
    role: "viewer",
    tag,
    summary: "The knowledge base as JSON lines",
    query: z.strictObject({ kind, outcome }),
    response: z.object({ jsonl: z.string() }),
  }),
  show: endpoint({
    method: "get",
    path: "/api/knowledge/{id}",
    role: "viewer",
    tag,
    summary: "One case: what persons changed, runs that met it, its nearest neighbours",
    params: z.strictObject({ id }),
    response: entryStory,
  }),
  add: endpoint({
    method: "post",
    path: "/api/knowledge",
    role: "operator",
    tag,
    summary: "Adds a case",
    body: z.strictObject({
      title: content.title,
      symptoms: content.symptoms.default([]),
      vocabulary: content.vocabulary.default([]),
      playbook: content.playbook.default(""),
      cause: content.cause.default(""),
      fix: content.fix.default(""),
      targetKind: text(100).default("any"),
    }),
    response: knowledgeEntry,
  }),
  change: endpoint({
    method: "patch",
    path: "/api/knowledge/{id}",
    role: "operator",
    tag,
    summary: "Changes a case or switches it off: a new version",
    params: z.strictObject({ id }),
    body: z.strictObject({
      title: content.title.optional(),
      symptoms: content.symptoms.optional(),
      vocabulary: content.vocabulary.optional(),
      playbook: content.playbook.optional(),
      cause: content.cause.optional(),
      fix: content.fix.optional(),
      disabled: z.boolean().optional(),
    }),
    response: knowledgeEntry,
  }),
  import: endpoint({
    method: "post",
    path: "/api/knowledge/import",
    role: "admin",
    tag,
    summary:
      "Takes JSON lines in, all or nothing; outcomes of others count only where count_outcomes says so",
    body: z.strictObject({
      jsonl: z.string().min(1),
      count_outcomes: z.boolean().optional(),
      dry_run: z.boolean().optional(),
    }),
    response: z.object({ lines: z.int(), imported: z.int(), known: z.int(), counted: z.int() }),
  }),
};

export function knowledgeRoutes(operations: Knowledge): Route[] {
  return [
    handle(knowledge.list, ({ query }) => operations.knowledge(given(query))),
    handle(knowledge.export, ({ query }) => operations.exportKnowledge(given(query))),
    handle(knowledge.show, ({ params }) => operations.knowledgeEntry(params.id)),
    handle(knowledge.add, ({ body, actor }) => operations.addKnowledge(body, actor)),
    handle(knowledge.change, ({ params, body, actor }) =>
      operations.changeKnowledge(params.id, given(body), actor),
    ),
    handle(knowledge.import, ({ body, actor }) => operations.importKnowledge(given(body), actor)),
  ];
}
