// The shapes of a PostgreSQL's tables, as its catalogue writes them: enough to make an empty one again.
import { z } from "zod";
import { keptIn, keptSchema } from "./kept-tables.ts";
import type { Row } from "./row-values.ts";

const columnSchema = z.object({
  name: z.string(),
  /** With its length or precision. */
  type: z.string(),
  notNull: z.boolean(),
  /** An expression of SQL; null: none. */
  default: z.string().nullable(),
  /** "a" always, "d" by default, "": no identity column. */
  identity: z.string(),
  /** "s": computed from others; default is the expression. */
  generated: z.string(),
});
export type ColumnShape = z.infer<typeof columnSchema>;

export const tableShapeSchema = z.object({
  schema: z.string(),
  name: z.string(),
  owner: z.string(),
  columns: z.array(columnSchema).min(1),
  /** Primary key first, foreign keys last: each after what it needs. */
  constraints: z.array(z.object({ name: z.string(), definition: z.string() })),
  /** Whole statements; those that a constraint brings along are not in it. */
  indexes: z.array(z.string()),
  /** Of serial columns: they go with their table. */
  sequences: z.array(
    z.object({
      schema: z.string(),
      name: z.string(),
      type: z.string(),
      column: z.string(),
      next: z.string(),
    }),
  ),
  grants: z.array(z.object({ to: z.string(), privilege: z.string() })),
  /** What it has beyond all this, in words: a table without its row-level security would be open to everybody. */
  unkept: z.array(z.string()).default([]),
});
export type TableShape = z.infer<typeof tableShapeSchema>;

/** Plain tables only: partitions, inheritance and foreign tables are more than their columns. */
export const shapesSql = `
select json_build_object('schema', n.nspname, 'name', c.relname, 'owner', pg_get_userbyid(c.relowner),
  'columns', (select json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod), 'notNull', a.attnotnull,
      'default', pg_get_expr(d.adbin, d.adrelid), 'identity', a.attidentity, 'generated', a.attgenerated) order by a.attnum)
    from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
    where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped),
  'constraints', coalesce((select json_agg(json_build_object('name', k.conname, 'definition', pg_get_constraintdef(k.oid))
      order by array_position(array['p', 'u', 'x', 'c', 'f']::"char"[], k.contype), k.conname)
    from pg_constraint k where k.conrelid = c.oid and k.contype in ('p', 'u', 'x', 'c', 'f')), '[]'),
  'indexes', coalesce((select json_agg(pg_get_indexdef(i.indexrelid) order by i.indexrelid) from pg_index i
    where i.indrelid = c.oid and i.indisvalid and not exists (select from pg_constraint k where k.conindid = i.indexrelid and k.conrelid = c.oid)), '[]'),
  'sequences', coalesce((select json_agg(json_build_object('schema', sn.nspname, 'name', s.relname, 'column', a.attname,
      'type', format_type(q.seqtypid, null), 'next', q.seqstart::text) order by s.relname)
    from pg_depend d join pg_class s on s.oid = d.objid and s.relkind = 'S' join pg_namespace sn on sn.oid = s.relnamespace
    join pg_sequence q on q.seqrelid = s.oid join pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
    where d.refobjid = c.oid and d.deptype = 'a' and d.classid = 'pg_class'::regclass and d.refclassid = 'pg_class'::regclass), '[]'),
  'grants', coalesce((select json_agg(json_build_object('to', coalesce(pg_get_userbyid(nullif(x.grantee, 0)), 'PUBLIC'), 'privilege', x.privilege_type)
      order by x.grantee, x.privilege_type) from aclexplode(c.relacl) x where x.grantee <> c.relowner), '[]'),
  'unkept', array_remove(array[
    case when c.relrowsecurity or exists (select from pg_policy y where y.polrelid = c.oid) then 'row-level security' end,
    case when exists (select from pg_trigger t where t.tgrelid = c.oid and not t.tgisinternal) then 'triggers' end,
    case when exists (select from pg_rewrite r where r.ev_class = c.oid) then 'rules' end], null)) as shape
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind = 'r' and not c.relispartition and c.relpersistence = 'p' and n.nspname not in ('pg_catalog', 'information_schema')
  and n.nspname not like 'pg\\_%' and not exists (select from pg_inherits h where c.oid in (h.inhrelid, h.inhparent))
  and not exists (select from pg_depend e where e.objid = c.oid and e.classid = 'pg_class'::regclass and e.deptype = 'e')
order by n.nspname, c.relname limit 1000`;

/** `rows`: of shapesSql. One that cannot be read is left out. */
export function shapesIn(rows: readonly Row[]): TableShape[] {
  return rows.flatMap(({ shape }) => {
    const parsed = tableShapeSchema.safeParse(shape);
    return parsed.success ? [parsed.data] : [];
  });
}

export const keptTableSchema = keptSchema(tableShapeSchema, columnSchema);
export type KeptTable = z.infer<typeof keptTableSchema>;

/** Files of the history whose text is none of ours are left out. */
export function keptTablesIn(files: readonly { content: string }[]): KeptTable[] {
  return keptIn(keptTableSchema, files);
}
