// Everything that is wrong with a configuration, at once, each with its place: file:line:column path message.
import type { z } from "zod";
import { HealError } from "../../domain/errors.ts";
import { keysAllowedAt } from "./json-schema.ts";
import { nearest } from "./nearest.ts";
import type { Path, YamlSource } from "./yaml-source.ts";

export interface Complaint {
  /** Absent: the file that all are about. */
  file?: string;
  line?: number;
  column?: number;
  path: Path;
  message: string;
}

/** Thrown with all complaints; `file` as the reader named it. Code "config-invalid". */
export class ConfigError extends HealError {
  readonly complaints: readonly string[];

  constructor(file: string, complaints: readonly Complaint[]) {
    const lines = inOrder(complaints).map((one) => complaintText(file, one));
    super(lines.join("\n"), {
      code: "config-invalid",
      hint: `Correct ${lines.length === 1 ? "this line" : `these ${lines.length} places`}, then check with: opsmedic config validate`,
    });
    this.name = "ConfigError";
    this.complaints = lines;
  }
}

function complaintText(whole: string, { file = whole, line, column, path, message }: Complaint): string {
  const place = line === undefined ? file : `${file}:${line}:${column}`;
  return [place, pathText(path), message].filter((part) => part !== "").join(" ");
}

function inOrder(complaints: readonly Complaint[]): Complaint[] {
  return [...complaints].sort(
    (a, b) =>
      (a.file ?? "").localeCompare(b.file ?? "") ||
      (a.line ?? 0) - (b.line ?? 0) ||
      (a.column ?? 0) - (b.column ?? 0),
  );
}

/** services[0].health[1].http */
export function pathText(path: Path): string {
  return path
    .map((step, at) => (typeof step === "number" ? `[${step}]` : `${at > 0 ? "." : ""}${String(step)}`))
    .join("");
}

/** The schema's issues as complaints, unknown keys one by one and with a suggestion. */
export function complaintsOf(
  error: z.ZodError,
  source: YamlSource | undefined,
  allowedAt: (path: Path) => string[] = keysAllowedAt,
): Complaint[] {
  const placed = error.issues.flatMap((issue) => flatten(issue, []));
  return placed
    .filter((one) => !explained(one, placed))
    .flatMap(({ issue, path }): Complaint[] => {
      if (issue.code !== "unrecognized_keys")
        return [{ ...source?.placeOf(path), path, message: issue.message }];
      return issue.keys.map((key) => ({
        ...source?.placeOfKey(path, key),
        path,
        message: unknownKey(allowedAt(path), key),
      }));
    });
}

/** A mistyped key also looks like a missing one; saying the first is enough. */
function explained({ issue, path }: Placed, all: readonly Placed[]): boolean {
  if (issue.code !== "custom") return false;
  return all.some((one) => one.issue.code === "unrecognized_keys" && pathText(one.path) === pathText(path));
}

interface Placed {
  issue: z.core.$ZodIssue;
  path: Path;
}

/** Of a value that may have several forms, the complaints of the form that was probably meant. */
function flatten(issue: z.core.$ZodIssue, above: Path): Placed[] {
  const path = [...above, ...issue.path];
  if (issue.code !== "invalid_union") return [{ issue, path }];
  const meant = issue.errors.find((option) => option.length > 0 && !option.some(isOtherForm));
  return meant === undefined ? [{ issue, path }] : meant.flatMap((inner) => flatten(inner, path));
}

/** A wrong type at the top of an option: the writer meant another option. */
function isOtherForm(issue: z.core.$ZodIssue): boolean {
  return issue.path.length === 0 && (issue.code === "invalid_type" || issue.code === "invalid_value");
}

function unknownKey(allowed: readonly string[], key: string): string {
  const near = nearest(key, allowed);
  const advice = near === undefined ? `possible here: ${allowed.join(", ")}` : `did you mean "${near}"?`;
  return `Unrecognized key: "${key}"; ${advice}`;
}

/** Plainer words for what zod says by default. */
export function plainWords(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code === "invalid_type" && issue.input === undefined)
    return `Required: expected ${issue.expected}`;
  if (issue.code === "invalid_union" && issue.discriminator !== undefined) {
    return `Unknown ${issue.discriminator}: expected one of ${(issue["options"] as string[] | undefined)?.join(", ") ?? "the known ones"}`;
  }
  return undefined;
}
