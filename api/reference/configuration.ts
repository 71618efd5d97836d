// The reference of opsmedic.yaml, from the schema that checks it.
import { configJsonSchema } from "../config/json-schema.ts";
import { page, table } from "./markdown.ts";
import { asSchema, rowsOf, type Schema } from "./schema-rows.ts";

export function configurationPage(): string {
  const parts = Object.entries(asSchema(configJsonSchema()["properties"]) ?? {});
  return page("Configuration: opsmedic.yaml", "api/config/", [
    [
      "Looked for at `-c`, then `$OPSMEDIC_CONFIG`, `./opsmedic.yaml`, `/etc/opsmedic/opsmedic.yaml`. Only `services` is",
      "required; `opsmedic init` writes a first one, `opsmedic config validate` names every mistake with line and column,",
      "`opsmedic config show` prints what is in force, and `opsmedic.schema.json` lets an editor complete and check.",
    ],
    [
      "`${NAME}` and `${NAME:-default}` read the environment, `file:/path` reads a secret from a file. Durations are",
      "written as 500ms, 5s, 5m, 2h or 30d, sizes as 256m or 1g, percentages as 90%. Relative paths begin at the file's",
      "own folder. An unknown key is refused.",
    ],
    [
      "```yaml",
      "services:",
      "  - name: web",
      '    runtime: { process: { command: "node server.js" } }',
      '    health: [{ http: "http://127.0.0.1:8080/healthz" }]',
      "```",
    ],
    ...parts.flatMap(([name, one]) => chapter(name, asSchema(one) ?? {})),
  ]);
}

function chapter(name: string, schema: Schema): string[][] {
  const { description } = schema;
  const all = rowsOf(schema, name);
  const rows = all.length > 1 ? all.filter((one) => one.path !== name) : all;
  const sentence =
    typeof description === "string" && rows.length > 0 && rows !== all ? [`${description}.`, ""] : [];
  return [
    [`## ${name}`, "", ...sentence],
    table(
      ["key", "value", "default", "meaning"],
      rows.map((one) => [
        `\`${one.path}\`${one.required ? " (required)" : ""}`,
        one.form,
        one.standard,
        one.text,
      ]),
    ),
  ];
}
