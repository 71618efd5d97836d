// Names and typing mistakes: which services a question means, and which not.
import { describe, expect, it } from "vitest";
import { wordsOf } from "../../agents/chat/plain-words.ts";
import { distance } from "../../agents/chat/near.ts";
import { type Known, understood } from "../../agents/chat/question.ts";
import { servicesNamed } from "../../agents/chat/service-names.ts";

const shop = ["web", "checkout", "orders-db", "cache", "worker", "search", "payments"];
const named = (text: string, known = shop): string[] => servicesNamed(wordsOf(text), known).services;

describe("services in a question", () => {
  it.each([
    ["why is checkout slow", ["checkout"]],
    ["why is chekcout slow", ["checkout"]],
    ["are the workers ok", ["worker"]],
    ["what about orders db", ["orders-db"]],
    ["is the orders database fine", ["orders-db"]],
    ["what about the database?", ["orders-db"]],
    ["is redis up", ["cache"]],
    ["web and checkout were down", ["checkout", "web"]],
    ["which fix works best", []],
    ["was there any error on wednesday", []],
    ["why was the order lost", []],
  ])("%s", (text, expected) => {
    expect(named(text).sort()).toEqual(expected);
  });

  it("does not guess between two databases", () => {
    expect(named("is the database up", ["orders-db", "users-db"])).toEqual([]);
    expect(named("is the users database up", ["orders-db", "users-db"])).toEqual(["users-db"]);
  });
});

describe("what a question is taken for", () => {
  const known: Known = {
    services: shop,
    people: ["maria"],
    now: Date.parse("2026-01-09T10:00:00Z"),
    timeZone: "UTC",
  };
  it("reads ids before words, and no id within another", () => {
    const { ids, services } = understood("was apr_run_checkout_1 approved, and inc_web?", known);
    expect(ids).toEqual({ approval: "apr_run_checkout_1", incident: "inc_web" });
    expect(services).toEqual([]);
  });

  it("fills in from the conversation only what the question leaves out", () => {
    const topic = { intent: "trouble", services: ["web"], incidentId: "inc_1", runId: "run_1" };
    expect(understood("how sure were you?", known, topic)).toMatchObject({
      services: ["web"],
      ids: { run: "run_1" },
    });
    expect(understood("how sure were you about cache?", known, topic)).toMatchObject({
      services: ["cache"],
      ids: {},
    });
    expect(understood("and on tuesday?", known, topic)).toMatchObject({
      intent: "trouble",
      services: ["web"],
      ids: {},
    });
    expect(understood("what is waiting for approval?", known, topic)).toMatchObject({
      services: [],
      ids: {},
    });
  });

  it("takes an order for an order, whatever stands around it", () => {
    for (const text of [
      "restart web",
      "please approve it",
      "can you fix checkout",
      "go ahead and pause everything",
    ])
      expect(understood(text, known).intent).toBe("act");
    for (const text of ["why did you restart web", "what would you fix", "who approved it"])
      expect(understood(text, known).intent).not.toBe("act");
  });
});

describe("how sure it is what is meant", () => {
  const known: Known = {
    services: shop,
    people: ["maria"],
    now: Date.parse("2026-01-09T10:00:00Z"),
    timeZone: "UTC",
  };
  const intent = (text: string) => understood(text, known).intent;

  it("takes other endings, small words between and chat spellings for the same", () => {
    expect(intent("did u verify that web is ok")).toBe(intent("was web verified"));
    expect(intent("have you already done something to web")).toBe("done");
    expect(intent("y is web sooo slow")).toBe("trouble");
  });

  it("prefers the reading that explains most, not the one that stands first", () => {
    expect(intent("who fixed it is not my question, show similar to web")).toBe("similar");
    expect(intent("is web up or down")).toBe("healthy");
    expect(intent("was web healthy on tuesday")).toBe("happened");
  });

  it("knows a name that no service has", () => {
    expect(understood("why is kafka down", known).unknownService).toBe("kafka");
    expect(understood("why is it down", known).unknownService).toBeUndefined();
    expect(understood("why is chekout down", known)).toMatchObject({ services: ["checkout"] });
  });
});

describe("typing mistakes", () => {
  it("counts what was left out, put in, changed and swapped", () => {
    expect(distance("checkout", "chekcout")).toBe(1);
    expect(distance("checkout", "checkot")).toBe(1);
    expect(distance("checkout", "chceckoutt")).toBe(2);
    expect(distance("a", "abcdefgh", 2)).toBe(3);
  });
});
