// The varying parts of one pattern's lines over time: how their values are distributed, and which of them drift.
import { SECRET_MARK } from "../../domain/mask-secrets.ts";
import { readFields } from "../log-fields.ts";
import { makeNumberLevel, type NumberLevel, type NumberWindow } from "./number-level.ts";
import { makeParameterReader, MOST_PARAMETERS, namedParameter, type Parameter } from "./parameters.ts";
import { makeWordShares, type WordShares } from "./word-shares.ts";

export type Drift =
  | { kind: "level"; since: number; before: number; after: number }
  | { kind: "value"; since: number; before: string; after: string; share: number };

export interface ParameterView extends Parameter {
  /** Median and quartiles by five minutes, oldest first; empty where most values are words. */
  windows: NumberWindow[];
  /** The most frequent values first; empty where hardly one comes twice. */
  values: { value: string; share: number }[];
  drift?: Drift;
}

export interface PatternParameters {
  /** A line of the pattern; one that does not have the template's words is left out. */
  note(at: number, text: string): void;
  view(now: number): ParameterView[];
  drifts(now: number): { parameter: Parameter; drift: Drift }[];
}

type Mask = (text: string) => string;

interface Tracked {
  parameter: Parameter;
  /** Of a field. */
  numberOf?: ((value: string) => number | undefined) | undefined;
  numbers: NumberLevel;
  words: WordShares;
  /** Values so far, fading: how many of them were numbers. */
  seen: number;
  numeric: number;
}

const WORD_LIMIT = 60;
/** Whoever asks for less frequent values would be shown ids. */
const FREQUENT = 0.01;
/** What names one request, process or connection: another one each time, and no news. */
const identity =
  /(?:^|[_.-])(?:id|ids|uid|uuid|guid|pid|tid|ppid|process|thread|session|request|req|trace|span|conn|connection|nonce|seq|offset|timestamp|date|port)$|[a-z](?:Id|ID|Pid|Uuid|Seq|Offset|Timestamp)$/i;
const moment = /\d{4}-\d\d-\d\d|\d\d:\d\d|\d{8}/;

/**
 * undefined for a template that leaves nothing open, and whose lines (`sample` is one) have no fields. `mask` takes
 * secrets out of text.
 */
export function makePatternParameters(
  template: string,
  sample: string,
  mask: Mask,
): PatternParameters | undefined {
  const reader = makeParameterReader(template);
  const structured = readFields(sample).length > 0;
  if (reader === undefined && !structured) return undefined;
  const holes = (reader?.parameters ?? []).map(trackedOf);
  const fields = new Map<string, Tracked>();
  const tracked = () => [...holes, ...fields.values()];

  function noteHoles(at: number, text: string): void {
    for (const [index, value] of (reader?.read(text) ?? []).entries()) {
      const one = holes[index];
      if (one !== undefined) noteOne(one, at, value, reader?.numberOf(index, value));
    }
  }

  function noteFields(at: number, text: string): void {
    for (const [name, value] of readFields(text)) {
      const known = fields.get(name);
      if (known === undefined && fields.size >= MOST_PARAMETERS) continue;
      const one = known ?? trackedOf(namedParameter(name.slice(0, WORD_LIMIT)));
      fields.set(name, one);
      noteOne(one, at, value, one.numberOf?.(value));
    }
  }

  return {
    note(at, text) {
      noteHoles(at, text);
      if (structured) noteFields(at, text);
    },
    view: (now) =>
      tracked().map((one) => {
        const drift = driftOf(one, now, mask);
        return {
          name: one.parameter.name,
          unit: one.parameter.unit,
          windows: isNumeric(one) ? one.numbers.windows() : [],
          values: one.words
            .shares()
            .filter(({ share }) => share >= FREQUENT)
            .map(({ value, share }) => ({ value: safe(one.parameter, value, mask), share })),
          ...(drift && { drift }),
        };
      }),
    drifts: (now) =>
      tracked().flatMap((one) => {
        const drift = driftOf(one, now, mask);
        return drift ? [{ parameter: one.parameter, drift }] : [];
      }),
  };
}

function trackedOf({ name, unit, numberOf }: Parameter & Pick<Tracked, "numberOf">): Tracked {
  const [numbers, words] = [makeNumberLevel(), makeWordShares()];
  return { parameter: { name, unit }, numberOf, numbers, words, seen: 0, numeric: 0 };
}

function noteOne(one: Tracked, at: number, value: string, number: number | undefined): void {
  one.seen = one.seen * 0.99 + 1;
  one.numeric = one.numeric * 0.99 + (number === undefined ? 0 : 1);
  if (number !== undefined) one.numbers.note(at, number);
  one.words.note(at, value.length > WORD_LIMIT ? value.slice(0, WORD_LIMIT) : value);
}

const isNumeric = ({ seen, numeric }: Tracked): boolean => numeric >= 0.9 * seen;

/** Of a time or a size its level counts; else one of few values tells more: a status that was 200 and is 500. */
function driftOf(one: Tracked, now: number, mask: Mask): Drift | undefined {
  const { parameter } = one;
  if (identity.test(parameter.name)) return undefined;
  const takeover = isNumeric(one) && parameter.unit !== "" ? undefined : one.words.takeover(now);
  if (takeover !== undefined && !moment.test(takeover.after)) {
    const [before, after] = [takeover.before, takeover.after].map((one) => safe(parameter, one, mask));
    return { kind: "value", ...takeover, before: before ?? "", after: after ?? "" };
  }
  const shift = isNumeric(one) ? one.numbers.shift(now) : undefined;
  return shift && { kind: "level", ...shift };
}

/** Masked together with its name, which is often what makes it a secret. */
function safe({ name }: Parameter, value: string, mask: Mask): string {
  const text = `${name}=${value}`;
  return mask(text) === text ? value : SECRET_MARK;
}
