// Users' rules about log lines that were made while running, and how many lines fitted each rule.
import { z } from "zod";
import type { Clock } from "../domain/clock.ts";
import { type LogRule, logRuleSchema, MOST_RULES } from "../domain/log-rule.ts";
import type { Db } from "./db.ts";
import type { LogRules, LogRuleSum } from "./observations.ts";
import { int8, rowsAs, whole } from "./rows.ts";
import { jsonParam, storableText } from "./storable.ts";

const ruleRow = z.object({ rule: logRuleSchema });
const sumRow: z.ZodType<LogRuleSum> = z.object({
  rule: z.string(),
  service: z.string(),
  lines: int8,
  lastAt: int8,
});

export function makeStoredRules(db: Db, clock: Pick<Clock, "now">): LogRules {
  return {
    async list() {
      const rows = await db.query(
        `select rule from opsmedic.log_rules order by name limit ${MOST_RULES}`,
        [],
      );
      // What another version wrote and this one cannot read is left alone.
      return rows.flatMap((row) => asRule(row));
    },
    async put(rule, by) {
      await db.query(
        `insert into opsmedic.log_rules (name, rule, made_by, made_at) values ($1, $2::jsonb, $3, $4)
         on conflict (name) do update set
           rule = excluded.rule, made_by = excluded.made_by, made_at = excluded.made_at`,
        [rule.name, jsonParam(rule), storableText(by), whole(clock.now())],
      );
    },
    async remove(name) {
      const rows = await db.query("delete from opsmedic.log_rules where name = $1 returning name", [name]);
      return rows.length > 0;
    },
    async note(counts) {
      if (counts.length === 0) return;
      // In a fixed order, so that two workers that write at once wait for each other and never deadlock.
      await db.query(
        `insert into opsmedic.log_rule_counts as c (rule, service, at, lines, last_at)
         select g.rule, g.service, g.at, g.lines, g."lastAt"
         from jsonb_to_recordset($1::jsonb)
           as g (rule text, service text, at bigint, lines bigint, "lastAt" bigint)
         order by g.rule, g.service, g.at
         on conflict (rule, service, at) do update set
           lines = c.lines + excluded.lines, last_at = greatest(c.last_at, excluded.last_at)`,
        [jsonParam(counts.map((one) => ({ ...one, at: whole(one.at), lastAt: whole(one.lastAt) })))],
      );
    },
    async sums(from) {
      const rows = await db.query(
        `select rule, service, sum(lines)::bigint as lines, max(last_at) as "lastAt"
         from opsmedic.log_rule_counts where at >= $1 group by rule, service order by rule, service limit 10000`,
        [whole(from)],
      );
      return rowsAs(sumRow, rows, "the count of a rule");
    },
  };
}

function asRule(row: unknown): LogRule[] {
  const read = ruleRow.safeParse(row);
  return read.success ? [read.data.rule] : [];
}
