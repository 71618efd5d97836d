#!/usr/bin/env node
// Starts the command line from the sources of a checkout, or from dist/ in an installed package, since Node strips no
// types under node_modules.
import { inPackage, start } from "./start.js";

await start(inPackage ? ["dist/api/main.js"] : ["api/main.ts", "dist/api/main.js"]);
