// Redis' memory: full and told to evict nothing, too small for what is read, taken by one key, by a client that does not
// read its answers, or lost between values.
import { human, playbook } from "./common-checks.ts";
import { isEngine, memoryTaken, noBigKey } from "./database-checks.ts";
import { endClients, MORE_MEMORY, moreMemory, setRedis, STILL_FULL } from "./redis-fixes.ts";

const evicts = (expected: { none: true } | { some: true }, weight: number, discriminates: string[]) => ({
  id: "policy",
  question: "May it give up something when its memory is full?",
  observe: "redis-evicts",
  expect: expected,
  weight,
  against: 6_000,
  discriminates,
});

export const redisFullNoEviction = playbook({
  id: "redis-full-noeviction",
  title: "Redis is full and may evict nothing",
  vocabulary: [
    "OOM command not allowed when used memory > 'maxmemory'",
    "noeviction",
    "maxmemory",
    "redis full",
    "cannot write",
  ],
  appliesTo: ["store-full"],
  cause: "It refuses writes: {memory}; {policy}; {kept}.",
  prior: 3_600,
  checks: [
    isEngine("redis"),
    memoryTaken({ weight: 2_200, against: 6_000 }),
    evicts({ none: true }, 1_300, ["redis-memory-too-small"]),
    noBigKey({ weight: 1_200, against: 3_000, discriminates: ["redis-big-key"] }),
    {
      id: "kept",
      question: "Do most of its keys never expire?",
      observe: "redis-kept-keys",
      expect: { atLeast: 0.5 },
      weight: 500,
    },
    moreMemory,
    {
      id: "may-evict",
      question: "Does the owner say that it may evict?",
      observe: "redis-may-evict",
      expect: { some: true },
      weight: 0,
    },
  ],
  predicts: [STILL_FULL],
  fixes: [
    MORE_MEMORY,
    setRedis("maxmemory-policy", "may-evict", {
      id: "evict",
      title: "Let it evict by {may-evict}, as its owner allows",
    }),
    human(
      "Give its keys a time to live, or, where it is a cache, CONFIG SET maxmemory-policy allkeys-lru; more memory: {memory.advice}",
    ),
  ],
});

export const redisMemoryTooSmall = playbook({
  id: "redis-memory-too-small",
  title: "Redis evicts what is still needed",
  vocabulary: [
    "evicted keys",
    "eviction storm",
    "cache miss",
    "hit rate",
    "allkeys-lru",
    "maxmemory too low",
  ],
  appliesTo: ["evictions"],
  cause: "Its memory is too small for what is read: {evicted}; {memory}.",
  prior: 3_700,
  checks: [
    isEngine("redis"),
    {
      id: "evicted",
      question: "Were many keys evicted in the last minutes?",
      observe: "database-rise",
      params: { name: "evicted-keys" },
      expect: { atLeast: 100 },
      weight: 2_000,
      against: 4_000,
    },
    evicts({ some: true }, 900, ["redis-full-noeviction"]),
    memoryTaken({ weight: 1_000, against: 3_000 }),
    noBigKey({ weight: 1_200, against: 3_000, discriminates: ["redis-big-key"] }),
    moreMemory,
  ],
  predicts: [STILL_FULL],
  fixes: [MORE_MEMORY, human("Give it half as much again: {memory.advice}")],
});

export const redisBigKey = playbook({
  id: "redis-big-key",
  title: "One key takes most of Redis",
  vocabulary: ["big key", "large value", "huge list", "bigkeys", "memory usage"],
  appliesTo: ["store-full", "evictions"],
  cause: "One key takes most of its memory: {big}.",
  prior: 3_600,
  checks: [
    isEngine("redis"),
    {
      id: "big",
      question: "Does one key take most of its memory?",
      observe: "redis-big-key",
      expect: { atLeast: 0.5 },
      weight: 4_200,
      against: 6_000,
      discriminates: ["redis-full-noeviction", "redis-memory-too-small"],
    },
    memoryTaken({ weight: 800, against: 2_000 }),
  ],
  fixes: [
    human(
      "Let whoever fills {big.key} trim it (LTRIM, XTRIM, ZREMRANGEBYRANK) or split it; to let go of it: UNLINK",
    ),
  ],
});

export const redisSlowReader = playbook({
  id: "redis-slow-reader",
  title: "A client of Redis does not read its answers",
  vocabulary: [
    "client output buffer",
    "omem",
    "MONITOR",
    "slow subscriber",
    "pubsub",
    "client-output-buffer-limit",
  ],
  appliesTo: ["output-buffers", "store-full", "evictions"],
  cause: "Answers pile up in the server: {client}.",
  prior: 3_800,
  checks: [
    isEngine("redis"),
    {
      id: "client",
      question: "Does a client have a lot of answers that it did not read?",
      observe: "redis-slow-reader",
      expect: { atLeast: 1_048_576 },
      weight: 4_300,
      against: 5_000,
      discriminates: ["redis-big-key", "redis-full-noeviction"],
    },
    {
      id: "outweighs",
      question: "Do such answers take a good part of its memory, whatever its values take?",
      observe: "redis-answers-share",
      expect: { atLeast: 0.3 },
      weight: 500,
      against: 2_000,
      discriminates: ["redis-big-key"],
    },
    {
      id: "unbounded",
      question: "Do its ordinary clients have no limit for what they do not read?",
      observe: "redis-output-limit",
      expect: { some: true },
      weight: 0,
    },
  ],
  fixes: [
    endClients(
      "client",
      { value: { outputBytes: 1_048_576 } },
      "End the client that does not read: {client}",
    ),
    setRedis("client-output-buffer-limit normal", "unbounded", {
      id: "bound",
      title: "Bound what waits for a client: {unbounded}",
    }),
    human(
      'End it ({client.advice}), let it read or ask for less, and bound it: CONFIG SET client-output-buffer-limit "pubsub 32mb 8mb 60"',
    ),
  ],
});

export const redisFragmentation = playbook({
  id: "redis-fragmentation",
  title: "Redis' memory is fragmented",
  vocabulary: ["mem_fragmentation_ratio", "fragmentation", "rss", "activedefrag"],
  appliesTo: ["fragmentation"],
  cause: "It holds more memory than its values need: {ratio}; {defrag}.",
  prior: 4_400,
  checks: [
    isEngine("redis"),
    {
      id: "ratio",
      question: "Is much memory lost between its values?",
      observe: "database-number",
      params: { name: "fragmentation" },
      expect: { atLeast: 1.4 },
      weight: 3_800,
      against: 6_000,
      discriminates: ["redis-big-key", "redis-full-noeviction"],
    },
    {
      id: "defrag",
      question: "Does it not tidy up by itself?",
      observe: "database-setting",
      params: { name: "activedefrag" },
      expect: { is: "no" },
      weight: 500,
    },
    {
      id: "lost",
      question: "Are most of it pages that are free?",
      observe: "redis-lost-memory",
      expect: { is: "pages" },
      weight: 0,
    },
    {
      id: "scattered",
      question: "Do its values lie scattered?",
      observe: "redis-lost-memory",
      expect: { is: "values" },
      weight: 0,
    },
  ],
  fixes: [
    {
      id: "purge",
      title: "Let it give free pages back: {lost}",
      class: "restart",
      risk: "low",
      needs: ["lost"],
      actions: [{ action: "redis-purge-memory" }],
    },
    {
      id: "defragment",
      title: "Let it tidy up while it runs: {scattered}",
      class: "configuration",
      risk: "medium",
      needs: ["defrag", "scattered"],
      actions: [
        {
          action: "redis-set-config",
          params: { setting: { value: "activedefrag" }, from: { value: "no" }, to: { value: "yes" } },
        },
      ],
    },
    human("Let it tidy up (CONFIG SET activedefrag yes; needs jemalloc), or restart it in a quiet hour"),
  ],
});
