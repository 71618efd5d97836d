// A program that carries out one act of a repair, to be killed in the middle of it. Argument: what to do, as JSON.
import { makeActions } from "../../tools/actions/catalogue.ts";
import { makeDatabaseInspectors } from "../../tools/database-inspectors.ts";
import { keptNothing } from "./kept-nothing.ts";

const { name, params, captured, service } = JSON.parse(process.argv[2] ?? "{}");
await makeActions(keptNothing)
  .get(name)
  ?.apply(params, captured, {
    service,
    target: undefined,
    files: undefined,
    databases: makeDatabaseInspectors({ clock: { now: () => Date.now() } }),
    signal: new AbortController().signal,
  });
