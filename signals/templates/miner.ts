// Log templates, online: each line of a service is put into a group with a readable template and an id that stays.
// After Drain (He 2017) in looking first at what is cheap, after Brain (Yu 2023) in asking how many different words a
// column has; memory is bounded, and what came out is the same however often the same lines come.
import { readJsonLine, readLogfmt } from "../log-fields.ts";
import { cleanText } from "../log-text.ts";
import type { Group } from "./group-index.ts";
import { type GroupLimits, makeGroups, type SavedGroups } from "./groups.ts";
import { makeLineStart, type SavedStart } from "./line-start.ts";
import { templateText } from "./template-text.ts";

export interface Template {
  /** Of a group that went up in another, the other's id. */
  id: string;
  /** "Failed password for <*> from <*>" */
  template: string;
  /** Lines of the group so far. */
  lines: number;
}

/** Plain JSON. */
export interface SavedTemplates {
  version: 1;
  services: [service: string, stream: { groups: SavedGroups; start: SavedStart }][];
}

export type TemplateMiner = ReturnType<typeof makeTemplateMiner>;

/** One for all services; they do not influence each other. */
export function makeTemplateMiner(saved?: SavedTemplates, limits?: GroupLimits) {
  const streams = new Map(
    (saved?.services ?? []).map(([service, stream]) => [service, makeStream(stream, limits)]),
  );

  function streamOf(service: string): Stream {
    const known = streams.get(service);
    if (known !== undefined) return known;
    const stream = makeStream(undefined, limits);
    streams.set(service, stream);
    return stream;
  }

  return {
    /** Puts a line into its group. `isNew`: no line like it was seen before. */
    add: (service: string, line: string): { id: string; isNew: boolean } => streamOf(service).add(line),
    /** The template that a line has as things are now; it is not counted. */
    find: (service: string, line: string): Template | undefined => streams.get(service)?.find(line),
    /** The group as it is now; undefined when it is unknown, or was dropped to keep memory bounded. */
    template: (service: string, id: string): Template | undefined => streams.get(service)?.template(id),
    /** The id that the group has now: its own, or that of the one it went up in; undefined when it is unknown. */
    idNow: (service: string, id: string): string | undefined => streams.get(service)?.idNow(id),
    templates: (service: string): Template[] => streams.get(service)?.templates() ?? [],
    save: (): SavedTemplates => ({
      version: 1,
      services: [...streams].map(([service, stream]) => [service, stream.save()]),
    }),
    /** Joins the templates of another worker; its ids go on to work. */
    merge: ({ services }: SavedTemplates) => {
      for (const [service, stream] of services) streamOf(service).merge(stream);
    },
  };
}

type Stream = ReturnType<typeof makeStream>;

function makeStream(
  saved: { groups: SavedGroups; start: SavedStart } | undefined,
  limits: GroupLimits | undefined,
) {
  const groups = makeGroups(saved?.groups, limits);
  const start = makeLineStart(saved?.start);

  function add(line: string): { id: string; isNew: boolean } {
    const text = messageOf(line);
    const { at, known } = start.of(text);
    const { id, lines } = groups.add(text, at);
    if (known) return { id, isNew: lines === 1 };
    for (const line of start.learn(text, id)) groups.move(line, start.of(line.text).at);
    return { id: groups.find(id)?.id ?? id, isNew: lines === 1 };
  }

  const asTemplate = (group: Group): Template => ({
    id: group.id,
    template: templateText(group, groups.contexts),
    lines: group.lines,
  });

  return {
    add,
    find: (line: string) => {
      const text = messageOf(line);
      const group = groups.look(text, start.of(text).at);
      return group && asTemplate(group);
    },
    template: (id: string) => {
      const group = groups.find(id);
      return group && asTemplate(group);
    },
    idNow: (id: string) => groups.find(id)?.id,
    templates: () => groups.all().map(asTemplate),
    save: () => ({ groups: groups.save(), start: start.save() }),
    merge: (other: { groups: SavedGroups; start: SavedStart }) => {
      start.merge(other.start);
      groups.merge(other.groups);
    },
  };
}

const escape = String.fromCharCode(27);
const levelKeys = ["level=", "lvl=", "severity="];

/** What a structured line says; other lines as they are. Of an exception with its trace the line that names it. */
function messageOf(line: string): string {
  const text = line.includes(escape) ? cleanText(line) : line;
  const message = messageField(text) ?? text;
  return message.includes("\n") ? headline(message) : message;
}

function messageField(text: string): string | undefined {
  if (text.startsWith("{")) return readJsonLine(text.trimEnd())?.message;
  // One sign is looked for faster than three words, and most lines do not have it.
  const named = text.includes("=") && levelKeys.some((key) => text.includes(key));
  return named ? readLogfmt(text)?.message : undefined;
}

/** Python names the exception last, others first. */
function headline(message: string): string {
  const lines = message.trim().split("\n");
  return (lines[0]?.includes("Traceback (most recent call last)") ? lines.at(-1) : lines[0]) ?? "";
}
