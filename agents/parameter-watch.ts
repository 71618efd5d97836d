// Parameter watch: what the varying parts of lines say over time. Of each pattern a few lines in ten seconds are looked
// at, of patterns with enough lines only, so that a flood costs no more than a table look-up.
import { withoutSecrets } from "../domain/mask-secrets.ts";
import type { LogSignal } from "../domain/signal.ts";
import { FINE_MS } from "../signals/patterns/pattern-history.ts";
import {
  type Drift,
  makePatternParameters,
  type ParameterView,
  type PatternParameters,
} from "../signals/patterns/parameter-drift.ts";
import type { Parameter } from "../signals/patterns/parameters.ts";

export interface ParameterDrift {
  pattern: string;
  template: string;
  parameter: Parameter;
  drift: Drift;
}

export interface ParameterWatch {
  /** A line and the id of its pattern. */
  note(line: LogSignal, pattern: string): void;
  drifts(service: string, now: number): ParameterDrift[];
  /** Empty for a pattern that is not looked at, or has nothing that varies. */
  parameters(service: string, pattern: string, now: number): ParameterView[];
}

interface Watched {
  lines: number;
  /** The ten seconds that go on, and how many lines of them were looked at. */
  slot: number;
  looked: number;
  template: string;
  parameters: PatternParameters | undefined;
}

const ENOUGH_LINES = 128;
/** Of a pattern in ten seconds, and of all together: 14 µs each are 0.3 % of the time at most. */
const LOOKED_AT = 4;
const LOOKED_AT_IN_ALL = 2_000;
/** About 20 kB each, and as many services' patterns as are busy. */
const MOST_WATCHED = 1_000;
/** Only counted; forgotten all at once, to begin anew. */
const MOST_COUNTED = 50_000;

/** `templateOf`: as it reads now; asked a few times a pattern. */
export function makeParameterWatch(
  templateOf: (service: string, pattern: string) => string | undefined,
): ParameterWatch {
  const services = new Map<string, Map<string, Watched>>();
  let counted = 0;
  let watched = 0;
  let all = { slot: -1, looked: 0 };

  function watchedOf(service: string, pattern: string): Watched {
    const patterns = services.get(service) ?? new Map<string, Watched>();
    services.set(service, patterns);
    const known = patterns.get(pattern);
    if (known !== undefined) return known;
    if (counted >= MOST_COUNTED) forgetCounted();
    counted += 1;
    const one: Watched = { lines: 0, slot: -1, looked: 0, template: "", parameters: undefined };
    patterns.set(pattern, one);
    return one;
  }

  function forgetCounted(): void {
    counted = 0;
    for (const [service, patterns] of services) {
      for (const [id, one] of patterns) if (one.parameters === undefined) patterns.delete(id);
      counted += patterns.size;
      if (patterns.size === 0) services.delete(service);
    }
  }

  /** A template that became more general has its holes in other places: what was learned about them is over. */
  function look(one: Watched, { service, text }: LogSignal, pattern: string): void {
    const template = templateOf(service, pattern) ?? "";
    if (template === one.template || (one.parameters === undefined && watched >= MOST_WATCHED)) return;
    const parameters = makePatternParameters(template, text, withoutSecrets);
    watched += Number(parameters !== undefined) - Number(one.parameters !== undefined);
    Object.assign(one, { template, parameters });
  }

  return {
    note(line, pattern) {
      const { service, at, text } = line;
      const one = watchedOf(service, pattern);
      const lines = ++one.lines;
      if (lines < ENOUGH_LINES) return;
      if ((lines & (lines - 1)) === 0) look(one, line, pattern);
      if (one.parameters === undefined) return;
      const slot = Math.floor(at / FINE_MS);
      if (slot !== one.slot) [one.slot, one.looked] = [slot, 0];
      if (slot !== all.slot) all = { slot, looked: 0 };
      if (one.looked >= LOOKED_AT || all.looked >= LOOKED_AT_IN_ALL) return;
      one.looked += 1;
      all.looked += 1;
      one.parameters.note(at, text);
    },
    drifts: (service, now) =>
      [...(services.get(service) ?? [])].flatMap(([pattern, { template, parameters }]) =>
        (parameters?.drifts(now) ?? []).map((one) => ({ pattern, template, ...one })),
      ),
    parameters: (service, pattern, now) => services.get(service)?.get(pattern)?.parameters?.view(now) ?? [],
  };
}
