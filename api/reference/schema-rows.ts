// A JSON Schema as rows of a table: one for each value somebody may write or read, with its path.
import { DURATION, PERCENT, SIZE } from "../config/units.ts";

export type Schema = Readonly<Record<string, unknown>>;

export interface Row {
  path: string;
  form: string;
  /** "" where there is none, or where it would only repeat the parts. */
  standard: string;
  required: boolean;
  text: string;
}

export function rowsOf(schema: Schema, path = "", required = false): Row[] {
  const own: Row = {
    path,
    form: formOf(schema),
    standard: standardOf(schema),
    required,
    text: textOf(schema),
  };
  const inner = rowsWithin(schema, path);
  // A part that says nothing of its own is seen from its rows.
  const silent = own.text === "" && /^(?:list of )?map$/.test(own.form);
  return path === "" || (inner.length > 0 && silent) ? inner : [own, ...inner];
}

function rowsWithin(schema: Schema, path: string): Row[] {
  const needed = Array.isArray(schema["required"]) ? schema["required"] : [];
  const properties = Object.entries(asSchema(schema["properties"]) ?? {});
  const more = asSchema(schema["additionalProperties"]);
  const items = asSchema(schema["items"]);
  return [
    ...properties.flatMap(([name, one]) =>
      rowsOf(asSchema(one) ?? {}, path === "" ? name : `${path}.${name}`, needed.includes(name)),
    ),
    ...(more && Object.keys(more).length > 0 ? rowsOf(more, `${path}.<name>`) : []),
    ...(items && hasParts(items) ? rowsOf(items, `${path}[]`) : []),
    ...formsOf(schema).flatMap((one) => rowsWithin(one, variantPath(path, one))),
  ];
}

const hasParts = (schema: Schema): boolean => rowsWithin(schema, "x").length > 0;

/** Of several forms that are told apart by their type: channels.<name> (slack). */
function variantPath(path: string, variant: Schema): string {
  const kind = asSchema(asSchema(variant["properties"])?.["type"])?.["const"];
  return typeof kind === "string" ? `${path} (${kind})` : path;
}

function formsOf(schema: Schema): Schema[] {
  return [schema["anyOf"], schema["oneOf"]].flat().flatMap((one) => {
    const form = asSchema(one);
    return form ? [form] : [];
  });
}

/** What to write, in the reader's words. */
export function formOf(schema: Schema): string {
  const reference = schema["$ref"];
  if (typeof reference === "string") return `[${lastOf(reference)}](#${lastOf(reference).toLowerCase()})`;
  const units = { duration: DURATION, size: SIZE, percentage: PERCENT };
  const unit = Object.entries(units).find(([, { source }]) => source === schema["pattern"]);
  if (unit) return unit[0];
  if (Array.isArray(schema["enum"])) return schema["enum"].map(code).join(", ");
  if ("const" in schema) return code(schema["const"]);
  const forms = formsOf(schema).map(formOf);
  if (forms.length > 0) return [...new Set(forms)].join(" or ");
  const items = asSchema(schema["items"]);
  if (items) return `list of ${formOf(items)}`;
  return plainForm(schema);
}

function plainForm({ type, format, minimum, maximum }: Schema): string {
  if (Array.isArray(type)) return type.map(String).join(" or ");
  if (type === "object") return "map";
  if (type === "string") return format === "uri" ? "address" : format === "date-time" ? "time" : "text";
  if (type === "boolean") return "`true`, `false`";
  if (type !== "integer" && type !== "number") return typeof type === "string" ? type : "anything";
  const word = type === "integer" ? "whole number" : "number";
  const from = typeof minimum === "number" && minimum > -Number.MAX_SAFE_INTEGER ? ` from ${minimum}` : "";
  const to = typeof maximum === "number" && maximum < Number.MAX_SAFE_INTEGER ? ` to ${maximum}` : "";
  return `${word}${from}${to}`;
}

function standardOf({ default: standard }: Schema): string {
  if (standard === undefined || (typeof standard === "object" && Object.keys(standard ?? {}).length === 0))
    return "";
  return code(standard);
}

export const textOf = ({ description }: Schema): string =>
  typeof description === "string" ? description : "";
const code = (value: unknown): string => `\`${typeof value === "string" ? value : JSON.stringify(value)}\``;
const lastOf = (reference: string): string => reference.split("/").at(-1) ?? "";

export function asSchema(value: unknown): Schema | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Schema) : undefined;
}
