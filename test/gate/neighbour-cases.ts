// Services around the plan's: who would be without it, whose maintenance is on, and the way from milder to stronger fixes.
import type { GateNeighbour } from "../../graph/gate-history.ts";
import type { GateInput } from "../../graph/gate.ts";
import { type Case, MINUTE, NOW, pastFix } from "./gate-input.ts";

/** NOW is a Wednesday, 12:00 UTC. */
const open = {
  text: "Wed 11:00-13:00",
  timezone: "UTC",
  startMinute: 2 * 1_440 + 660,
  endMinute: 2 * 1_440 + 780,
};
const closed = { ...open, text: "Wed 13:00-14:00", startMinute: 2 * 1_440 + 780, endMinute: 2 * 1_440 + 840 };

function dependant(name: string, change: Partial<GateNeighbour> = {}): GateNeighbour {
  return { name, relation: "dependant", suffers: false, windows: [], ...change };
}

const around = (input: GateInput, ...neighbours: GateNeighbour[]): void => {
  input.history.neighbours = neighbours;
};

export const neighbourCases: Case[] = [
  [
    "one healthy dependant, two services allowed",
    "dependants",
    "pass",
    (one) => around(one, dependant("shop")),
  ],
  ["two healthy dependants", "dependants", "ask", (one) => around(one, dependant("shop"), dependant("cart"))],
  [
    "two dependants that suffer already",
    "dependants",
    "pass",
    (one) => around(one, dependant("shop", { suffers: true }), dependant("cart", { suffers: true })),
  ],
  [
    "dependencies do not feel it",
    "dependants",
    "pass",
    (one) => around(one, ...["a", "b", "c"].map((name) => dependant(name, { relation: "dependency" }))),
  ],
  [
    "nobody is without it",
    "dependants",
    "pass",
    (one) => {
      around(one, dependant("shop"), dependant("cart"));
      one.plan.blastRadius.downtimeMs = 0;
    },
  ],
  [
    "a dependant is under maintenance",
    "maintenance",
    "deny",
    (one) => around(one, dependant("shop", { windows: [closed, open] })),
  ],
  [
    "a dependency is under maintenance",
    "maintenance",
    "deny",
    (one) => around(one, dependant("orders-db", { relation: "dependency", windows: [open] })),
  ],
  [
    "the service itself is under maintenance",
    "maintenance",
    "deny",
    (one) => around(one, dependant("checkout", { relation: "itself", windows: [open] })),
  ],
  [
    "their maintenance is at another time",
    "maintenance",
    "pass",
    (one) => around(one, dependant("shop", { windows: [closed] })),
  ],
  [
    "a time zone that does not exist",
    "maintenance",
    "deny",
    (one) => around(one, dependant("shop", { windows: [{ ...open, timezone: "Mars/Base" }] })),
  ],
  [
    "milder than what was tried against this cause",
    "graduated",
    "deny",
    (one) => one.history.fixes.push(pastFix({ fixClass: "configuration" })),
  ],
  [
    "stronger than what was tried against this cause",
    "graduated",
    "pass",
    (one) => one.history.fixes.push(pastFix({ fixClass: "reload" })),
  ],
  [
    "milder than what was tried against another cause",
    "graduated",
    "pass",
    (one) => one.history.fixes.push(pastFix({ fixClass: "configuration", playbook: "hang" })),
  ],
  [
    "milder than what was tried long ago",
    "graduated",
    "pass",
    (one) => one.history.fixes.push(pastFix({ fixClass: "configuration", at: NOW - 31 * MINUTE })),
  ],
];
