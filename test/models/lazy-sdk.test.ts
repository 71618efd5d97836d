// The SDKs are large: neither is loaded before its first question, nor ever where there is no model. Asked of a process
// of its own, which notes what it resolves.
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const program = (provider: string): string => `
  import { registerHooks } from "node:module";
  const loaded = new Set();
  registerHooks({
    resolve(specifier, context, next) {
      if (["openai", "ollama"].includes(specifier)) loaded.add(specifier);
      return next(specifier, context);
    },
  });
  const { configuredModel } = await import("./tools/models/configured-model.ts");
  const { systemClock } = await import("./domain/system-clock.ts");
  const { z } = await import("zod");
  const settings = { provider: "${provider}", model: "m", baseUrl: "http://127.0.0.1:1", perCallMs: 100, perRun: {}, perDay: {}, secrets: [] };
  const model = configuredModel(settings, { clock: systemClock });
  const before = [...loaded];
  await model.ask(z.object({}), { step: "greet", system: "", user: "" });
  console.log(JSON.stringify([before, [...loaded]]));
`;

it.each([
  ["none", []],
  ["openai", ["openai"]],
  ["ollama", ["ollama"]],
])("%s loads no SDK at start, and only its own when asked", async (provider, asked) => {
  const run = promisify(execFile);
  const { stdout } = await run(process.execPath, ["--input-type=module", "-e", program(provider)]);
  expect(JSON.parse(stdout)).toEqual([[], asked]);
});
