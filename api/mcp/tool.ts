// One tool of the MCP server: what it takes, what it answers, who may use it. The table of tools is plain data, so that
// the list, the roles and the documentation come from one place.
import { z } from "zod";
import type { Actor, Operations } from "../operations.ts";

export interface ToolCall<Input> {
  input: Input;
  operations: Operations;
  actor: Actor;
}

export interface McpTool<Input = unknown> {
  name: string;
  title: string;
  description: string;
  /** The lowest role whose token may use it. */
  role: Actor["role"];
  /** Whether it may change anything; such a tool exists only where `mcp.allow` names it. */
  changes: boolean;
  input: z.ZodObject;
  /** Decodes what the program has into what is sent; see http/iso-times.ts. */
  output: z.ZodType;
  run(call: ToolCall<Input>): Promise<unknown>;
}

/** Keeps the type of the input between its schema and the work; the door parses before it calls. */
export function tool<Shape extends z.ZodObject, Output extends z.ZodType>(
  one: Omit<McpTool, "input" | "output" | "run"> & {
    input: Shape;
    output: Output;
    run(call: ToolCall<z.output<Shape>>): Promise<z.input<Output>>;
  },
): McpTool {
  return one;
}

/** What a tool sends, as JSON Schema (draft 2020-12). */
export function outputSchemaOf({ output }: McpTool): Record<string, unknown> {
  return z.toJSONSchema(output, { io: "output", unrepresentable: "any" });
}
