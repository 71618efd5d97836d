// There is more to do than it can do: the load is real, so it gets another replica.
import { dependenciesWell, human, playbook, unchanged } from "./common-checks.ts";

export const resourceSaturation = playbook({
  id: "resource-saturation",
  title: "The load is more than it can carry",
  vocabulary: [
    "load",
    "traffic",
    "saturation",
    "capacity",
    "overload",
    "spike",
    "peak",
    "busy",
    "scale out",
    "more users",
    "queue grows",
  ],
  appliesTo: ["cpu", "latency", "memory"],
  cause: "More work arrives than it can carry ({load-rising}; {busy}).",
  prior: 3_500,
  checks: [
    {
      id: "busy",
      question: "Is its CPU taken now?",
      observe: "cpu-now",
      expect: { atLeast: 0.7 },
      weight: 2_000,
      against: 4_000,
    },
    {
      id: "load-rising",
      question: "Did the load rise with the symptom?",
      observe: "request-trend",
      expect: { is: "rising" },
      weight: 2_500,
      against: 5_000,
      discriminates: ["cpu-runaway", "memory-leak", "degraded-process"],
    },
    dependenciesWell({ weight: 600, against: 2_500, discriminates: ["dependency-down"] }),
    {
      id: "can-scale",
      question: "May it have another replica?",
      observe: "replicas",
      expect: { some: true },
      weight: 300,
      against: 0,
    },
    unchanged({ weight: 300, against: 1_000 }),
  ],
  predicts: [
    {
      id: "can-still-scale",
      question: "May it still have another replica?",
      observe: "replicas",
      expect: { some: true },
    },
  ],
  fixes: [
    {
      id: "scale",
      title: "Add a replica",
      class: "limit",
      risk: "medium",
      needs: ["can-scale"],
      actions: [{ action: "scale", params: { replicas: { from: "can-scale", at: "proposed" } } }],
    },
    human("Decide on more capacity: the replicas that are allowed do not suffice"),
  ],
});
