// What may follow WHERE in a question to New Relic. Not a way in for strangers (it stands in the configuration), but a
// slip there must not ask something else.

export const CONDITION_HINT =
  "Write only what would follow WHERE, such as: service = 'checkout' AND level = 'error'";

const MORE = /\b(?:since|until|limit|facet|timeseries|from|order\s+by)\b|;|'(?!')(?<!'')/i;

/** False for what holds a clause of its own, or a quote that is not closed. */
export function isOneCondition(where: string): boolean {
  return !MORE.test(where.replace(/'(?:[^'\\]|\\.)*'/g, "''").replace(/`[^`]*`/g, "name"));
}
