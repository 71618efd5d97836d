// The shapes of a PostgreSQL's tables, as its catalogue writes them: enough to make an empty one again.
import { z } from "zod";
import { keptIn, keptSchema } from "./kept-tables.ts";
import type { Row } from "./row-values.ts";

const grantsSchema = z.array(z.object({ to: z.string(), privilege: z.string() }));

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
  /** As SQL writes it; null: its type's own. It decides what counts as equal, hence what is unique. */
  collation: z.string().nullable().default(null),
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
      grants: grantsSchema.default([]),
    }),
  ),
  grants: grantsSchema,
  /** Of columns that are numbered: at least the last number that was given, so that none is given twice. */
  counters: z.array(z.object({ column: z.string(), given: z.string() })).default([]),
  /** Storage parameters, "name=value". */
  options: z.array(z.string()).default([]),
  /** Whole statements (CREATE STATISTICS). */
  statistics: z.array(z.string()).default([]),
  /** null: of the table itself. */
  comments: z.array(z.object({ column: z.string().nullable(), text: z.string() })).default([]),
  /** What it has beyond all this, in words: a table without its row-level security would be open to everybody. */
  unkept: z.array(z.string()).default([]),
});
export type TableShape = z.infer<typeof tableShapeSchema>;

/**
 * What runs when a table is made or written to: functions and operators that its defaults, checks, indexes and statistics
 * call, and that no superuser owns. Whoever may change them would have their words run with our rights.
 */
const ownFunctions = `
exists (select from (select 'pg_attrdef'::regclass as class, x.oid from pg_attrdef x where x.adrelid = c.oid
      union all select 'pg_constraint'::regclass, x.oid from pg_constraint x where x.conrelid = c.oid
      union all select 'pg_class'::regclass, x.indexrelid from pg_index x where x.indrelid = c.oid
      union all select 'pg_statistic_ext'::regclass, x.oid from pg_statistic_ext x where x.stxrelid = c.oid) part
    join pg_depend d on d.classid = part.class and d.objid = part.oid and d.refclassid in ('pg_proc'::regclass, 'pg_operator'::regclass)
    left join pg_operator o on d.refclassid = 'pg_operator'::regclass and o.oid = d.refobjid
    join pg_proc f on f.oid = coalesce(o.oprcode::oid, d.refobjid) join pg_roles r on r.oid = f.proowner where not r.rolsuper)`;

/** Sequences that go with the table: those of serial columns ("a") and of identity columns ("i"). */
const numbered = (kinds: string, joins = ""): string => `
from pg_depend d join pg_class s on s.oid = d.objid and s.relkind = 'S' join pg_namespace sn on sn.oid = s.relnamespace
    join pg_sequence q on q.seqrelid = s.oid join pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid ${joins}
    where d.refobjid = c.oid and d.deptype in (${kinds}) and d.classid = 'pg_class'::regclass and d.refclassid = 'pg_class'::regclass`;

/** Coarse and ahead, so that what is kept is not another thing at every look; where no room is left, the number itself. */
const GIVEN = `
cross join lateral (select case when has_sequence_privilege(s.oid, 'SELECT, USAGE') then pg_sequence_last_value(s.oid) end as last) g
    cross join lateral (select 1::int8 << greatest(10, (ln(greatest(g.last, 1)::float8) / ln(2::float8))::int - 5) as step) w
    cross join lateral (select (g.last / w.step + 2)::numeric * w.step as ahead) l`;

const rights = (acl: string, owner: string): string => `
coalesce((select json_agg(json_build_object('to', coalesce(pg_get_userbyid(nullif(x.grantee, 0)), 'PUBLIC'), 'privilege', x.privilege_type)
      order by x.grantee, x.privilege_type) from aclexplode(${acl}) x where x.grantee <> ${owner}), '[]')`;

/**
 * Plain tables only: partitions, inheritance and foreign tables are more than their columns. With nothing but the
 * server's own on the search path every other name is written in full, and means the same whoever reads it.
 */
const shapesOf = (which: string): string => `
with path as materialized (select set_config('search_path', 'pg_catalog', true))
select json_build_object('schema', n.nspname, 'name', c.relname, 'owner', pg_get_userbyid(c.relowner),
  'columns', (select json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod), 'notNull', a.attnotnull,
      'default', pg_get_expr(d.adbin, d.adrelid), 'identity', a.attidentity, 'generated', a.attgenerated,
      'collation', case when a.attcollation <> t.typcollation then a.attcollation::regcollation::text end) order by a.attnum)
    from pg_attribute a join pg_type t on t.oid = a.atttypid left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
    where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped),
  'constraints', coalesce((select json_agg(json_build_object('name', k.conname, 'definition', pg_get_constraintdef(k.oid))
      order by array_position(array['p', 'u', 'x', 'c', 'f']::"char"[], k.contype), k.conname)
    from pg_constraint k where k.conrelid = c.oid and k.contype in ('p', 'u', 'x', 'c', 'f')), '[]'),
  'indexes', coalesce((select json_agg(pg_get_indexdef(i.indexrelid) order by i.indexrelid) from pg_index i
    where i.indrelid = c.oid and i.indisvalid and not exists (select from pg_constraint k where k.conindid = i.indexrelid and k.conrelid = c.oid)), '[]'),
  'sequences', coalesce((select json_agg(json_build_object('schema', sn.nspname, 'name', s.relname, 'column', a.attname,
      'type', format_type(q.seqtypid, null), 'next', q.seqstart::text, 'grants', ${rights("s.relacl", "s.relowner")}) order by s.relname)
    ${numbered("'a'")}), '[]'),
  'counters', coalesce((select json_agg(json_build_object('column', a.attname, 'given', (case when l.ahead < q.seqmax then l.ahead else g.last end)::text) order by a.attnum)
    ${numbered("'a', 'i'", GIVEN)} and g.last is not null), '[]'),
  'grants', ${rights("c.relacl", "c.relowner")},
  'options', coalesce(to_json(c.reloptions), '[]'),
  'statistics', coalesce((select json_agg(pg_get_statisticsobjdef(e.oid) order by e.oid) from pg_statistic_ext e where e.stxrelid = c.oid), '[]'),
  'comments', coalesce((select json_agg(json_build_object('column', a.attname, 'text', m.description) order by m.objsubid)
    from pg_description m left join pg_attribute a on a.attrelid = m.objoid and a.attnum = m.objsubid and m.objsubid > 0
    where m.classoid = 'pg_class'::regclass and m.objoid = c.oid), '[]'),
  'unkept', array_remove(array[
    case when c.relrowsecurity or exists (select from pg_policy y where y.polrelid = c.oid) then 'row-level security' end,
    case when exists (select from pg_trigger t where t.tgrelid = c.oid and not t.tgisinternal) then 'triggers' end,
    case when exists (select from pg_rewrite r where r.ev_class = c.oid) then 'rules' end,
    case when ${ownFunctions} then 'functions of its owner in what it checks or fills in' end,
    case when exists (select from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and a.attacl is not null and not a.attisdropped)
      then 'rights on single columns' end,
    case when exists (select from aclexplode(c.relacl) x where x.grantor <> c.relowner or x.is_grantable and x.grantee <> c.relowner)
      then 'rights that may be handed on' end,
    case when exists (select ${numbered("'a', 'i'")} and (q.seqincrement <> 1 or q.seqmin <> 1 or q.seqcycle or d.deptype = 'i' and q.seqstart <> 1
      or q.seqmax <> case q.seqtypid when 'int2'::regtype then 32767 when 'int4'::regtype then 2147483647 else 9223372036854775807 end))
      then 'a column that is numbered in a way of its own' end,
    case when c.relreplident <> 'd' then 'a replica identity' end,
    case when exists (select from pg_publication_rel p where p.prrelid = c.oid) then 'a place in a publication' end,
    case when c.reltablespace <> 0 then 'a tablespace' end,
    case when c.reloftype <> 0 or c.relam <> (select oid from pg_am where amname = 'heap') then 'a kind of its own' end,
    case when exists (select from pg_class t where t.oid = c.reltoastrelid and t.reloptions is not null) then 'options of its TOAST table' end
    ], null)) as shape
from path, pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind = 'r' and not c.relispartition and c.relpersistence = 'p' and n.nspname not in ('pg_catalog', 'information_schema')
  and n.nspname not like 'pg\\_%' and not exists (select from pg_inherits h where c.oid in (h.inhrelid, h.inhparent))
  and not exists (select from pg_depend e where e.objid = c.oid and e.classid = 'pg_class'::regclass and e.deptype = 'e') ${which}
order by n.nspname, c.relname limit 1000`;

export const shapesSql = shapesOf("");
/** $1 schema, $2 name. */
export const shapeSql = shapesOf("and n.nspname = $1 and c.relname = $2");

/** `rows`: of shapesSql or shapeSql. One that cannot be read is left out. */
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
