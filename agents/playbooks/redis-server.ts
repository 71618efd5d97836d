// Redis as a server: it cannot save, it is busy, its replica has lost the primary.
import { clearable, FREE_SPACE, human, playbook } from "./common-checks.ts";
import { isEngine } from "./database-checks.ts";

export const redisNotSaved = playbook({
  id: "redis-not-saved",
  title: "Redis cannot write its files",
  vocabulary: [
    "MISCONF Redis is configured to save RDB snapshots",
    "bgsave failed",
    "rdb_last_bgsave_status:err",
    "permission denied",
    "dump.rdb",
    "appendonly",
  ],
  appliesTo: ["not-saved"],
  cause: "It cannot save what it holds, though the disk has room: {saving}.",
  prior: 4_200,
  checks: [
    isEngine("redis"),
    {
      id: "saving",
      question: "Did its last save fail?",
      observe: "redis-saving",
      expect: { is: "failed" },
      weight: 3_000,
      against: 8_000,
      discriminates: ["redis-full-noeviction"],
    },
    {
      id: "disk-has-room",
      question: "Has the disk room left?",
      observe: "disk-usage",
      expect: { atMost: 0.95 },
      weight: 1_500,
      against: 3_500,
      discriminates: ["disk-full"],
    },
    {
      id: "folder",
      question: "Can it write where it saves, as far as one can see?",
      observe: "redis-save-folder",
      expect: { oneOf: ["writable", "unseen"] },
      weight: 0,
    },
    {
      id: "not-full",
      question: "Has the disk room on which it saves?",
      observe: "redis-save-folder",
      expect: { isNot: "full" },
      weight: 0,
      against: 5_000,
      discriminates: ["redis-save-disk-full"],
    },
  ],
  predicts: [
    {
      id: "still-unsaved",
      question: "Is it still unsaved?",
      observe: "redis-saving",
      expect: { is: "failed" },
    },
  ],
  fixes: [
    {
      id: "save",
      title: "Let it save again, now that it can: {folder}",
      class: "data",
      risk: "low",
      needs: ["saving", "disk-has-room", "folder"],
      actions: [{ action: "redis-save", params: { what: { from: "saving", at: "what" } } }],
    },
    human("{saving.advice} ({folder})"),
  ],
});

export const redisSaveDiskFull = playbook({
  id: "redis-save-disk-full",
  title: "The disk is full on which Redis saves",
  vocabulary: [
    "MISCONF Redis is configured to save RDB snapshots",
    "No space left on device",
    "Write error saving DB on disk",
    "rdb_last_bgsave_status:err",
    "appendonly disk full",
  ],
  appliesTo: ["not-saved"],
  cause: "It cannot save what it holds, since there is no room: {full}.",
  prior: 4_200,
  checks: [
    isEngine("redis"),
    {
      id: "saving",
      question: "Did its last save fail?",
      observe: "redis-saving",
      expect: { is: "failed" },
      weight: 2_000,
      against: 8_000,
    },
    {
      id: "full",
      question: "Is the disk full on which it saves?",
      observe: "redis-save-folder",
      expect: { is: "full" },
      weight: 3_000,
      against: 8_000,
      discriminates: ["redis-not-saved", "disk-full"],
    },
    clearable("space", 0.02),
  ],
  predicts: [
    {
      id: "still-full",
      question: "Is it still full?",
      observe: "redis-save-folder",
      expect: { is: "full" },
    },
  ],
  fixes: [
    {
      ...FREE_SPACE,
      id: "free-and-save",
      title: "Clear what its owner gives up, and let it save again: {clearable}",
      needs: ["saving", "clearable"],
      actions: [
        ...FREE_SPACE.actions,
        { action: "redis-save", params: { what: { from: "saving", at: "what" } } },
      ],
    },
    human("Make room where it saves, or let it save elsewhere (CONFIG SET dir): {full}"),
  ],
});

export const redisBusyScript = playbook({
  id: "redis-busy-script",
  title: "A script blocks Redis",
  vocabulary: ["BUSY Redis is busy running a script", "lua", "EVAL", "SCRIPT KILL", "function kill"],
  appliesTo: ["blocked-clients"],
  cause: "A script runs for too long, and nobody else is answered ({busy}).",
  prior: 4_500,
  checks: [
    isEngine("redis"),
    {
      id: "busy",
      question: "Does it say that it is busy with a script?",
      observe: "probe-now",
      expect: { is: "busy" },
      weight: 4_200,
      against: 8_000,
      discriminates: ["redis-waiters"],
    },
  ],
  fixes: [
    {
      id: "end-script",
      title: "End the script, unless it has written",
      class: "restart",
      risk: "low",
      needs: ["busy"],
      actions: [{ action: "redis-end-script" }],
    },
    human(
      "SCRIPT KILL; where it has written already, only SHUTDOWN NOSAVE ends it, which loses what was not saved",
    ),
  ],
});

export const redisSlowCommand = playbook({
  id: "redis-slow-command",
  title: "A slow command holds up Redis",
  vocabulary: [
    "KEYS *",
    "slowlog",
    "slow command",
    "SMEMBERS",
    "HGETALL",
    "blocked event loop",
    "latency spike",
  ],
  appliesTo: ["latency", "hung"],
  cause: "Redis does one thing at a time, and one took long: {slow}.",
  prior: 4_300,
  checks: [
    isEngine("redis"),
    {
      id: "slow",
      question: "Did a command take long in the last minutes?",
      observe: "redis-slow-command",
      expect: { atLeast: 500 },
      weight: 4_200,
      against: 6_000,
      discriminates: ["hang", "degraded-process"],
    },
  ],
  fixes: [human("Let the program use SCAN and small values instead of {slow.command}")],
});

const linkDown = {
  id: "link",
  question: "Is its link to the primary down?",
  observe: "redis-link",
  expect: { is: "down" },
  weight: 2_600,
  against: 8_000,
};

export const redisReplicaWritten = playbook({
  id: "redis-replica-written",
  title: "Programs write to a replica of Redis",
  vocabulary: [
    "READONLY You can't write against a read only replica",
    "replica-read-only",
    "failover",
    "wrong address",
  ],
  appliesTo: ["replication"],
  cause: "Writes go to a replica, which refuses them: {written}.",
  prior: 4_000,
  checks: [
    isEngine("redis"),
    {
      id: "written",
      question: "Was it sent writes, as a replica?",
      observe: "redis-written-to",
      expect: { atLeast: 1 },
      weight: 2_600,
      against: 8_000,
    },
    {
      id: "link-up",
      question: "Is its link to the primary up?",
      observe: "redis-link",
      expect: { is: "up" },
      weight: 2_200,
      against: 4_000,
      discriminates: ["redis-primary-gone", "redis-replica-cut-off"],
    },
  ],
  fixes: [
    human(
      "Let the programs write to {written.primary}; only where this one shall be the primary from now on: REPLICAOF NO ONE",
    ),
  ],
});

export const redisPrimaryGone = playbook({
  id: "redis-primary-gone",
  title: "The primary of a Redis replica is gone",
  vocabulary: ["MASTERDOWN", "master_link_status:down", "replica", "failover", "sentinel"],
  appliesTo: ["replication"],
  cause: "Its primary does not answer: {primary}; {link}.",
  prior: 4_000,
  checks: [
    isEngine("redis"),
    linkDown,
    {
      id: "primary",
      question: "Does the primary fail when it is asked now?",
      observe: "redis-primary",
      expect: { isNot: "ok" },
      weight: 2_200,
      against: 6_000,
      discriminates: ["redis-replica-cut-off"],
    },
  ],
  fixes: [
    human(
      "Bring back the primary ({link.primary}); promote the replica (REPLICAOF NO ONE) only when it will not come back",
    ),
  ],
});

export const redisReplicaCutOff = playbook({
  id: "redis-replica-cut-off",
  title: "A Redis replica cannot reach a primary that is well",
  vocabulary: ["master_link_status:down", "masterauth", "replica-announce", "partial resync", "NOAUTH"],
  appliesTo: ["replication"],
  cause: "The primary answers us, but not its replica: {link}.",
  prior: 4_000,
  checks: [
    isEngine("redis"),
    linkDown,
    {
      id: "primary",
      question: "Does the primary answer when it is asked now?",
      observe: "redis-primary",
      expect: { is: "ok" },
      weight: 2_200,
      against: 6_000,
      discriminates: ["redis-primary-gone"],
    },
  ],
  fixes: [human("Look at masterauth, the network between the two, and the replica's log: {link}")],
});
