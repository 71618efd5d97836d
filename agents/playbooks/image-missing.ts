// The engine has no image to make or start the container from: not pulled, removed, or named wrongly.
import { human, notForMemory, notRunning, playbook } from "./common-checks.ts";

export const imageMissing = playbook({
  id: "image-missing",
  title: "Its image is missing",
  vocabulary: [
    "image not found",
    "manifest unknown",
    "pull access denied",
    "ImagePullBackOff",
    "ErrImagePull",
    "no such image",
    "registry",
    "tag",
    "repository does not exist",
    "not pulled",
  ],
  appliesTo: ["exited", "crash-loop", "unreachable"],
  cause: "The engine has no image for it ({refused}).",
  prior: 3_000,
  checks: [
    {
      id: "refused",
      question: "Did the engine miss its image?",
      observe: "start-error",
      expect: { is: "image" },
      weight: 4_600,
      against: 9_000,
      discriminates: ["process-crash", "bad-command", "container-missing"],
    },
    notRunning({ weight: 700, against: 6_000 }),
    notForMemory({ weight: 300, against: 3_000 }),
    {
      id: "not-on-purpose",
      question: "Did nobody stop it on purpose?",
      observe: "stopped-by-operator",
      expect: { is: false },
      weight: 400,
      against: 6_000,
    },
  ],
  fixes: [human("Pull the image again, or correct its name and tag: {refused}")],
});
