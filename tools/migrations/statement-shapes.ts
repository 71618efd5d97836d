// What a statement of a migration may be made of, node by node of PostgreSQL's parse tree: a part that is not written down
// here makes it another statement, which nobody has thought about.
import { z } from "zod";

export const tableSchema = z.strictObject({
  schemaname: z.string().optional(),
  relname: z.string(),
  inh: z.boolean().optional(),
  /** Neither temporary nor unlogged. */
  relpersistence: z.literal("p"),
  location: z.number().optional(),
});
const textNode = z.strictObject({ String: z.strictObject({ sval: z.string() }) });
export const namesSchema = z.array(textNode).min(1).max(3);
const ifNotExists = { if_not_exists: z.boolean().optional() };
const anything = z.unknown().optional();

export const createTableSchema = z.strictObject({
  relation: tableSchema,
  tableElts: z
    .array(
      z.union([
        z.strictObject({ ColumnDef: z.looseObject({ colname: z.string() }) }),
        z.strictObject({ Constraint: z.looseObject({}) }),
      ]),
    )
    .default([]),
  oncommit: z.literal("ONCOMMIT_NOOP"),
  ...ifNotExists,
});

export const sequenceSchema = z.strictObject({ sequence: tableSchema, options: anything, ...ifNotExists });
export const enumSchema = z.strictObject({ typeName: namesSchema, vals: anything });
export const compositeSchema = z.strictObject({ typevar: tableSchema, coldeflist: anything });
export const domainSchema = z.strictObject({
  domainname: namesSchema,
  typeName: anything,
  collClause: anything,
  constraints: anything,
});

export const indexSchema = z.strictObject({
  idxname: z.string().optional(),
  relation: tableSchema,
  accessMethod: z.string().optional(),
  indexParams: z.array(
    z.strictObject({ IndexElem: z.looseObject({ name: z.string().optional(), expr: anything }) }),
  ),
  indexIncludingParams: anything,
  options: anything,
  whereClause: anything,
  unique: z.boolean().optional(),
  nulls_not_distinct: z.boolean().optional(),
  ...ifNotExists,
});

const commandSchema = z.strictObject({
  AlterTableCmd: z.strictObject({
    subtype: z.enum(["AT_AddColumn", "AT_AddConstraint"]),
    def: z.looseObject({}),
    behavior: z.literal("DROP_RESTRICT").optional(),
    missing_ok: z.boolean().optional(),
  }),
});
export const alterTableSchema = z.strictObject({
  relation: tableSchema,
  cmds: z.array(commandSchema),
  objtype: z.literal("OBJECT_TABLE"),
});

export const commentSchema = z.strictObject({
  objtype: z.enum(["OBJECT_TABLE", "OBJECT_COLUMN", "OBJECT_SEQUENCE", "OBJECT_TYPE"]),
  object: z.union([
    z.strictObject({ List: z.strictObject({ items: namesSchema }) }),
    z.strictObject({ TypeName: z.looseObject({ names: namesSchema }) }),
  ]),
  comment: z.string().optional(),
});
