// Going back to what a service was last well with, for every playbook of what was rolled out and does not work.
import type { CheckDraft, Draft } from "./common-checks.ts";

/** Without weight: it says what could be gone back to, not what the cause is. */
export const GOOD_IMAGE: CheckDraft = {
  id: "good-image",
  question: "Is the image still here, and its command known, with which it was well?",
  observe: "good-image",
  expect: { some: true },
  weight: 0,
  against: 0,
};

export const STILL_THAT_IMAGE: NonNullable<Draft["predicts"]>[number] = {
  id: "still-that-image",
  question: "Does it still run another image or command than the one with which it was well?",
  observe: "good-image",
  expect: { some: true },
};

export const ROLL_BACK_IMAGE: Draft["fixes"][number] = {
  id: "roll-back-image",
  title: "Go back to {good-image}",
  class: "configuration",
  risk: "medium",
  needs: ["good-image"],
  actions: [
    {
      action: "roll-back-image",
      params: {
        from: { from: "good-image", at: "from" },
        to: { from: "good-image", at: "to" },
        fromCommand: { from: "good-image", at: "fromCommand" },
        toCommand: { from: "good-image", at: "toCommand" },
      },
    },
  ],
};

/** Without weight, as for images. */
export const GOOD_COMMAND: CheckDraft = {
  id: "good-command",
  question: "Is the command still known with which it was well?",
  observe: "good-command",
  expect: { some: true },
  weight: 0,
  against: 0,
};

export const STILL_THAT_COMMAND: NonNullable<Draft["predicts"]>[number] = {
  id: "still-that-command",
  question: "Is it still started with another command than the one with which it was well?",
  observe: "good-command",
  expect: { some: true },
};

export const ROLL_BACK_COMMAND: Draft["fixes"][number] = {
  id: "roll-back-command",
  title: "Go back to {good-command}",
  class: "configuration",
  risk: "medium",
  needs: ["good-command"],
  actions: [
    {
      action: "roll-back-command",
      params: { from: { from: "good-command", at: "from" }, to: { from: "good-command", at: "to" } },
    },
  ],
};
