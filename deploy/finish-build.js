// What the compiler leaves out of dist/: migrations, and the one-file entry dist/cli.js.
import { cpSync, writeFileSync } from "node:fs";

const root = new URL("../", import.meta.url);

cpSync(new URL("knowledge/migrations", root), new URL("dist/knowledge/migrations", root), {
  recursive: true,
});
writeFileSync(
  new URL("dist/cli.js", root),
  `#!/usr/bin/env node
// Starts what was compiled, with a Node that can run it.
import { start } from "../bin/start.js";

await start(["dist/api/main.js"]);
`,
);
