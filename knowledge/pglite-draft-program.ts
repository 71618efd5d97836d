// A program of its own: makes the files of a fresh embedded database in the folder that is its argument.
import { PGlite } from "@electric-sql/pglite";

const pglite = await PGlite.create({ dataDir: process.argv[2] ?? "" });
await pglite.close();
