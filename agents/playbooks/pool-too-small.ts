// Requests wait for a connection or a worker of its own, while what stands behind them answers: its pool is too small.
import {
  dependenciesAnswer,
  dependenciesWell,
  human,
  logSays,
  playbook,
  running,
  unchanged,
} from "./common-checks.ts";
import { editGoverned, stillGoverns } from "./repair.ts";
import { notAround } from "./surroundings.ts";

const SETTINGS = ["pool", "workers"];

export const poolTooSmall = playbook({
  id: "pool-too-small",
  title: "Its pool of connections or workers is too small",
  vocabulary: [
    "pool exhausted",
    "QueuePool limit",
    "connection pool",
    "acquire connection",
    "max_children",
    "workers busy",
    "no idle worker",
    "pool size",
    "HikariPool",
    "connection is not available",
  ],
  appliesTo: ["error-rate", "log-errors", "latency"],
  cause: "All of its connections or workers are taken: {governs}, while {dependencies-answer}.",
  prior: 2_900,
  checks: [
    logSays("own-pool", { weight: 1_500, against: 7_000 }, 3),
    {
      id: "mostly",
      question: "Is waiting for its own pool most of what goes wrong?",
      observe: "log-share",
      params: { pattern: "own-pool" },
      expect: { atLeast: 0.5 },
      weight: 0,
      against: 5_000,
    },
    {
      id: "not-refused",
      question: "Does the server behind it take all the connections that it asks for?",
      observe: "log-pattern",
      params: { pattern: "server-full" },
      expect: { atMost: 0 },
      weight: 0,
      against: 6_000,
    },
    {
      id: "governs",
      question: "Does a setting of ours say how many there are?",
      observe: "setting-for",
      params: { settings: SETTINGS },
      expect: { some: true },
      weight: 1_900,
      against: 4_000,
      discriminates: ["degraded-process", "timeout-too-short"],
    },
    {
      id: "cpu-left",
      question: "Has it CPU left to do more at once?",
      observe: "cpu-now",
      expect: { atMost: 0.8 },
      weight: 500,
      against: 3_000,
      discriminates: ["cpu-runaway", "resource-saturation"],
    },
    dependenciesAnswer({ weight: 1_000, against: 3_500, discriminates: ["dependency-down"] }),
    dependenciesWell({ weight: 600, against: 2_500, discriminates: ["dependency-down"] }),
    running({ weight: 300, against: 5_000 }),
    unchanged({ weight: 500, against: 2_500, discriminates: ["crash-after-bad-config"] }),
    ...notAround("connection-leak", "slow-dependency", "file-descriptors-exhausted"),
  ],
  predicts: [stillGoverns(...SETTINGS)],
  fixes: [
    editGoverned({ id: "enlarge", title: "Make it larger by half" }),
    human("Find out what keeps its connections or workers busy for so long"),
  ],
});
