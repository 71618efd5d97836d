// What comes in is checked before anything is done, and every refusal says what did not fit.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { problem, type Served, serveWorld } from "./serve-world.ts";

let served: Served;
beforeAll(async () => {
  served = await serveWorld();
});
afterAll(() => served[Symbol.asyncDispose]());

describe("input", () => {
  const check = "/api/monitoring/trigger-check";

  it("names the field that does not fit", async () => {
    const response = await served.send("operator", "POST", check, { services: ["shop", 7], wait: "yes" });
    const { errors, code } = await problem(response);
    expect([response.status, code]).toEqual([400, "bad_body"]);
    expect(errors?.map((one) => one.field)).toEqual(["body.services.1", "body.wait"]);
  });

  it("must be JSON, whole, and small", async () => {
    const asText = await served.ask("operator", check, { method: "POST", body: "services=all" });
    expect([asText.status, (await problem(asText)).code]).toEqual([415, "not_json"]);
    const broken = await served.send("operator", "POST", check, '{"services": [');
    expect([broken.status, (await problem(broken)).code]).toEqual([400, "malformed_json"]);
    const big = await served.send("operator", "POST", check, { services: ["x".repeat(70_000)] });
    expect([big.status, (await problem(big)).code]).toEqual([413, "body_too_large"]);
    const list = await served.send("operator", "POST", check, []);
    expect(list.status).toBe(400);
    const proto = await served.send("operator", "POST", check, '{"__proto__": {"wait": true}}');
    expect(proto.status).toBe(400);
    expect(served.world.asked.checks).toEqual([]);
  });

  it("is refused where a list asks for too much or an id is none", async () => {
    for (const query of ["limit=0", "limit=501", "limit=ten", "limit=1&limit=2", "outcome=great"]) {
      expect((await served.ask("viewer", `/api/runs?${query}`)).status).toBe(400);
    }
    for (const id of ["a%00b", "a%2Fb", "a%5Cb", "%E0%A4%A", "x".repeat(201)]) {
      const response = await served.ask("viewer", `/api/runs/${id}`);
      expect([id, response.status]).toEqual([id, 400]);
      await problem(response);
    }
  });

  it("to an unknown address is a problem too", async () => {
    const response = await served.ask("viewer", "/api/nothing/here");
    expect([response.status, (await problem(response)).code]).toEqual([404, "no_such_endpoint"]);
    const missing = await served.ask("viewer", "/api/runs/run-99");
    expect([missing.status, (await problem(missing)).code]).toEqual([404, "not_found"]);
  });

  it("conflicts are 409 with the contract's codes", async () => {
    await using fresh = await serveWorld();
    const decide = (plan_hash: string) =>
      fresh.send("operator", "POST", "/api/approvals/apr-1/decision", {
        decision: "approve",
        reason: "r",
        plan_hash,
      });
    const codes = [];
    for (const hash of ["other", "abc", "abc"]) {
      const response = await decide(hash);
      const { code = "" } = (await response.json()) as { code?: string };
      codes.push([response.status, code]);
    }
    fresh.world.opened.clock.advance(61_000);
    expect(codes).toEqual([
      [409, "plan_changed"],
      [200, ""],
      [409, "already_decided"],
    ]);
  });
});
