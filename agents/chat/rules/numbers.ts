// Numbers over time, and where they go: what will be full or over its limit, and when.
import { metricId } from "../noting.ts";
import { valueText } from "../record-texts.ts";
import { cite } from "../reply.ts";
import { spanText } from "../words.ts";
import { type Ask, claim, type Draft, whose } from "./rule.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const NAMES: readonly (readonly [RegExp, readonly string[]])[] = [
  [/\bcpu|load\b/, ["cpu"]],
  [/\bmemory|ram\b/, ["memory"]],
  [/\bdisk|space\b/, ["disk"]],
  [/\blatency|response time|slow\b/, ["latency"]],
  [/\berror rate\b/, ["error-rate"]],
  [/\bconnections?\b/, ["connections"]],
];

export function metricNamesIn(words: readonly string[]): string[] {
  const text = words.join(" ");
  return NAMES.flatMap(([pattern, names]) => (pattern.test(text) ? [...names] : []));
}

export async function metric({ question, reading, now, moment }: Ask): Promise<Draft> {
  const names = metricNamesIn(question.words);
  const { from = now - DAY, to = now + 1 } = question.span ?? {};
  const found = (
    await Promise.all(
      (question.services.length > 0 ? question.services : [undefined]).map((service) =>
        reading.metrics({ from, to, stepMs: HOUR, service, ...(names.length > 0 && { names }) }),
      ),
    )
  ).flat();
  const claims = found.slice(0, 12).flatMap((one) => {
    const last = one.points.at(-1);
    if (!last) return [];
    const mean = one.points.reduce((sum, point) => sum + point.mean, 0) / one.points.length;
    const highest = Math.max(...one.points.map((point) => point.highest));
    const words = (value: number): string => valueText(one.name, value);
    return [
      claim(
        `${one.name} of ${one.service} (${one.measuredOn}) was ${words(last.mean)} at ${moment(last.at)}; on average ${words(mean)}, at most ${words(highest)} since ${moment(from)}.`,
        cite("metric", metricId(one)),
      ),
    ];
  });
  return {
    claims,
    note: `No such numbers of ${whose(question)} are kept.`,
    topic: { services: question.services },
  };
}

/** What will be full or over its limit, and when. */
export async function forecast({ question, reading, now, moment }: Ask): Promise<Draft> {
  const names = metricNamesIn(question.words);
  const [service] = question.services;
  const all = (await reading.predictions(service)).filter(
    (one) => names.length === 0 || names.includes(one.name),
  );
  const series = await Promise.all(
    all.map((one) =>
      reading.metrics({
        from: now - 7 * DAY,
        to: now + 1,
        stepMs: HOUR,
        service: one.service,
        names: [one.name],
      }),
    ),
  );
  const known = new Set(series.flat().map(metricId));
  const claims = all
    .filter((one) => known.has(metricId(one)))
    .map((one) => {
      const what = `${one.name} of ${one.service} (${one.measuredOn})`;
      const at = `is at ${valueText(one.name, one.last)} now`;
      const limit = one.limit === undefined ? "its limit" : `its limit of ${valueText(one.name, one.limit)}`;
      const far = spanText(one.aheadSeconds * 1_000);
      const left = one.untilLimit;
      const told =
        one.standing.status === "silenced" && one.byRamp !== true
          ? "I tell nothing of its future: my forecasts of it were not good enough"
          : left === undefined
            ? "it has no limit that I know"
            : left === "never"
              ? `it does not reach ${limit} within ${far}, as far as I can tell`
              : `it reaches ${limit} about ${moment(now + left.seconds * 1_000)} (in ${spanText(left.seconds * 1_000)}), not before ${moment(now + left.lo * 1_000)}`;
      return {
        soon: left === undefined || left === "never" ? Infinity : left.seconds,
        claim: claim(`${what} ${at}; ${told}.`, cite("metric", metricId(one))),
      };
    })
    .sort((a, b) => a.soon - b.soon)
    .map((one) => one.claim);
  return {
    claims: claims.slice(0, 8),
    note: `I have no forecast for ${whose(question)}: too few numbers are kept.`,
    topic: { services: question.services },
  };
}
