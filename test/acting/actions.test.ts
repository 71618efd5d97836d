// Every action passes the contract, and the catalogue has none that does not.
import { describe, expect, it } from "vitest";
import { makeActions } from "../../tools/actions/catalogue.ts";
import { actionContract } from "../contract/action.contract.ts";
import { actionScenes, coveredActions, keptParts } from "./action-scenes.ts";
import { coveredMysqlActions } from "./mysql-scenes.ts";
import { coveredRedisActions } from "./redis-scenes.ts";

for (const [name, open] of Object.entries(actionScenes)) actionContract(name, open);

describe("the catalogue", () => {
  const actions = makeActions(keptParts());

  it("has no action whose undo was not exercised", () => {
    const names = actions.all().map((action) => action.name);
    expect(names.sort()).toEqual([...coveredActions, ...coveredMysqlActions, ...coveredRedisActions].sort());
  });

  it("finds by name, and only what is in it", () => {
    expect(actions.get("restart")?.name).toBe("restart");
    expect(actions.get("drop-database")).toBeUndefined();
    expect(actions.get("constructor")).toBeUndefined();
  });
});
