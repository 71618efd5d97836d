// `npm run docs`: writes what is made from the program, pages and the editors' schema.
import { writeFileSync } from "node:fs";
import { configJsonSchema } from "../config/json-schema.ts";
import { playbookJsonSchema } from "../playbooks/schema.ts";
import { referencePages } from "./pages.ts";

const root = new URL("../../", import.meta.url);
for (const { path, text } of referencePages()) writeFileSync(new URL(path, root), text);
writeFileSync(new URL("opsmedic.schema.json", root), `${JSON.stringify(configJsonSchema(), null, 2)}\n`);
writeFileSync(
  new URL("opsmedic.playbook.schema.json", root),
  `${JSON.stringify(playbookJsonSchema(), null, 2)}\n`,
);
