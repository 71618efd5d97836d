// `heal --wait` while another run still proves its repair: the service looks well by then, and the answer is not
// "nothing wrong" but that run, at its end.
import { afterEach, beforeEach, expect, it } from "vitest";
import type { CheckAnswer } from "../../api/operations.ts";
import { makeServingNewcomer, type Newcomer, patient, type Serving } from "./newcomer.ts";

let newcomer: Newcomer;
let server: Serving;

beforeEach(async () => {
  ({ newcomer, server } = await makeServingNewcomer());
}, 200_000);
afterEach(() => newcomer[Symbol.asyncDispose]());

it("waits for the run that is in its validation, and reports it", { timeout: 200_000 }, async () => {
  await newcomer.run("demo", "break", "crash");
  let validating: string | undefined;
  await expect
    .poll(async () => {
      validating = await runThatValidates();
      return validating;
    }, patient)
    .toBeDefined();

  const told = await newcomer.run("heal", "web");
  expect(told).toMatchObject({
    code: 0,
    out: expect.stringContaining(`Under way already: 1 run: ${validating}`),
  });

  const { code, out } = await newcomer.run("heal", "web", "--wait", "--json");
  expect(JSON.parse(out) as CheckAnswer).toMatchObject({
    status: "healthy",
    issues: [],
    run_ids: [validating],
    runs: [{ id: validating, status: "ended", outcome: "healed" }],
  });
  expect(code).toBe(0);
  expect(await newcomer.run("heal", "web", "--wait")).toMatchObject({ code: 0, out: "Nothing is wrong.\n" });
});

async function runThatValidates(): Promise<string | undefined> {
  const { runs } = await server.operations.runs({ limit: 5, service: "web" });
  for (const { id } of runs.filter((one) => one.status === "running")) {
    const { steps } = await server.operations.run(id);
    if (steps.at(-1)?.node === "validate") return id;
  }
  return undefined;
}
