// Cases of the gate about what may be touched at all: what is spoiled in an allowed input, which rule must say so, and how.
import { action, plan, policy, type Case } from "./gate-input.ts";

export const safetyCases: Case[] = [
  ["observe mode", "mode", "deny", (one) => (one.policy.mode = "observe")],
  ["approve mode", "mode", "ask", (one) => (one.policy.mode = "approve")],
  ["a service in approve mode", "mode", "ask", (one) => (one.history.services[0]!.mode = "approve")],
  [
    "a service in auto mode, the policy in approve",
    "mode",
    "pass",
    (one) => {
      one.policy.mode = "approve";
      one.history.services[0]!.mode = "auto";
    },
  ],
  [
    "the strictest of two services",
    "mode",
    "deny",
    (one) => {
      one.plan.blastRadius.services.push("orders-db");
      one.history.services[1]!.mode = "observe";
    },
  ],
  ["a mode that nobody knows", "mode", "deny", (one) => (one.policy.mode = "yolo" as "auto")],
  ["the kill switch", "paused", "deny", (one) => (one.policy.paused = true)],
  [
    "a deny window",
    "window",
    "deny",
    (one) =>
      (one.policy = policy({
        windows: [{ text: "Wed 11:00-13:00", timezone: "UTC", startMinute: 3_540, endMinute: 3_660 }],
      })),
  ],
  [
    "a window that is over",
    "window",
    "pass",
    (one) =>
      (one.policy = policy({
        windows: [{ text: "Wed 11:00-12:00", timezone: "UTC", startMinute: 3_540, endMinute: 3_600 }],
      })),
  ],
  [
    "a time zone that does not exist",
    "window",
    "deny",
    (one) =>
      (one.policy = policy({
        windows: [{ text: "?", timezone: "Mars/Olympus", startMinute: 0, endMinute: 1 }],
      })),
  ],
  ["a protected service", "protected", "deny", (one) => (one.history.services[0]!.protected = true)],
  [
    "a protected service in the blast radius",
    "protected",
    "deny",
    (one) => {
      one.plan.blastRadius.services.push("orders-db");
      one.history.services[1]!.protected = true;
    },
  ],
  ["a service that nobody configured", "protected", "deny", (one) => (one.history.services = [])],
  [
    "never: this action",
    "never",
    "deny",
    (one) => (one.policy = policy({ never: [{ service: "checkout", action: "restart" }] })),
  ],
  [
    "never: a glob of the runtime",
    "never",
    "deny",
    (one) => (one.policy = policy({ never: [{ service: "check*", action: "docker.*" }] })),
  ],
  [
    "never: docker covers compose",
    "never",
    "deny",
    (one) => {
      one.policy = policy({ never: [{ service: "checkout", action: "docker.*" }] });
      one.history.services[0]!.runtime = "compose";
    },
  ],
  [
    "never: another runtime",
    "never",
    "pass",
    (one) => {
      one.policy = policy({ never: [{ service: "checkout", action: "docker.*" }] });
      one.history.services[0]!.runtime = null;
    },
  ],
  [
    "never: another service",
    "never",
    "pass",
    (one) => (one.policy = policy({ never: [{ service: "orders-db", action: "*" }] })),
  ],
  [
    "an irreversible action",
    "effect",
    "deny",
    (one) => (one.plan = plan([action({ action: "drop-table", effect: "irreversible" })])),
  ],
  [
    "an irreversible action that calls itself reversible",
    "effect",
    "deny",
    (one) => (one.plan = plan([action({ action: "drop-table", effect: "reversible" })])),
  ],
  [
    "an effect that is not the catalogue's",
    "effect",
    "deny",
    (one) => (one.plan = plan([action({ effect: "read" })])),
  ],
  ["an unknown action", "effect", "deny", (one) => (one.plan = plan([action({ action: "rm -rf" })]))],
  [
    "a second action that is unknown",
    "effect",
    "deny",
    (one) => (one.plan = plan([action(), action({ step: 2, action: "magic" })])),
  ],
  [
    "more services than may be touched",
    "blast-radius",
    "ask",
    (one) => (one.plan.blastRadius.services = ["checkout", "orders-db", "partner"]),
  ],
  [
    "an action on a service that the blast radius leaves out",
    "blast-radius",
    "ask",
    (one) => {
      one.policy.maxBlastServices = 1;
      one.plan = plan([action(), action({ step: 2, service: "orders-db" })]);
    },
  ],
  ["a plan for a human", "human", "deny", (one) => (one.plan = plan([action()], { class: "human" }))],
  ["a plan without actions", "human", "deny", (one) => (one.plan = plan([]))],
];
