// playbooks ls, show, observations, validate, schema.
import { dirname, resolve } from "node:path";
import { stringify } from "yaml";
import type { Json } from "../../../domain/json.ts";
import { findConfigFile, allVariables } from "../../config.ts";
import { answer, type Command } from "../context.ts";
import { table } from "../render/table.ts";
import { many, short } from "../render/words.ts";

export const list: Command = (context) =>
  context.withOperations(async (operations) => {
    const all = await operations.playbooks();
    return answer(all, (given) => {
      const rows = given.map((one) => [
        text(one["id"]),
        short(text(one["title"]), 60),
        short(text(one["appliesTo"]), 60),
        text(one["origin"]),
      ]);
      return table(["playbook", "title", "for", "from"], rows, {
        paint: context.terminal.paint,
        empty: "No playbooks.",
      });
    });
  });

/** As it would be written in opsmedic.d. */
export const show: Command = (context, [id = ""]) =>
  context.withOperations(async (operations) =>
    answer(await operations.playbook(id), (given) => stringify(given).trimEnd()),
  );

export const observations: Command = (context) =>
  context.withOperations(async (operations) => {
    const all = await operations.observations();
    return answer(all, (given) => {
      const rows = given.map((one) => [
        one.name,
        short(one.asks, 70),
        short(one.answers, 50),
        one.way,
        one.measured ? "yes" : "no",
      ]);
      return table(["observation", "asks", "answers", "from", "measured"], rows, {
        paint: context.terminal.paint,
        empty: "No observations.",
      });
    });
  });

/** Exit code 2 with every complaint where it is wrong. Without a configuration: of this folder. */
export const validate: Command = async ({ options, cwd }) => {
  const { loadPlaybooks } = await import("../../playbooks/load.ts");
  const all = await loadPlaybooks(baseDirOf(options.config, cwd));
  const own = all.filter((one) => one.origin !== "shipped");
  const data = {
    ok: true,
    playbooks: own.map(({ playbook, origin, replaces }) => ({
      id: playbook.id,
      file: origin,
      replaces: replaces ?? null,
    })),
  };
  return answer(data, (given) =>
    [
      `opsmedic.d: ok, ${many(given.playbooks.length, "playbook")} of your own`,
      ...given.playbooks.map(
        (one) => `  ${one.id} (${one.file})${one.replaces === null ? "" : ` instead of ${one.replaces}`}`,
      ),
    ].join("\n"),
  );
};

export const schema: Command = async () => {
  const { playbookJsonSchema } = await import("../../playbooks/schema.ts");
  return answer(playbookJsonSchema(), (given) => JSON.stringify(given, null, 2));
};

function baseDirOf(config: string | undefined, cwd: string): string {
  try {
    return dirname(findConfigFile(config, allVariables(), cwd));
  } catch (error) {
    if (config !== undefined) throw error;
    return resolve(cwd);
  }
}

function text(value: Json | undefined): string {
  if (Array.isArray(value)) return value.map(text).join(", ");
  return typeof value === "object" ? "" : String(value ?? "");
}
