// Clients take all places of Redis: they wait, they lie idle, or they are at work.
import { human, playbook } from "./common-checks.ts";
import { isEngine } from "./database-checks.ts";
import { endClients, MORE_CLIENTS, moreClients } from "./redis-fixes.ts";

export const redisWaiters = playbook({
  id: "redis-waiters",
  title: "Clients that wait take all places of Redis",
  vocabulary: ["blocked_clients", "BLPOP", "BRPOP", "XREAD BLOCK", "maxclients"],
  appliesTo: ["blocked-clients", "connections"],
  cause: "Consumers that wait take the places: {waiters}.",
  prior: 4_000,
  checks: [
    isEngine("redis"),
    {
      id: "waiters",
      question: "Do most clients wait in a blocking command?",
      observe: "redis-waiters",
      expect: { atLeast: 0.5 },
      weight: 4_600,
      against: 6_000,
      discriminates: ["redis-busy-script", "redis-connections-idle", "redis-connections-load"],
    },
    moreClients,
  ],
  fixes: [MORE_CLIENTS, human("Fewer consumers, or more places: CONFIG SET maxclients; {waiters}")],
});

const full = {
  id: "full",
  question: "Are nearly all connections taken?",
  observe: "connections-used",
  expect: { atLeast: 0.8 },
  weight: 1_200,
  against: 3_000,
};

export const redisConnectionsIdle = playbook({
  id: "redis-connections-idle",
  title: "Clients of Redis keep connections that they do not use",
  vocabulary: ["max number of clients reached", "maxclients", "connection leak", "idle clients", "timeout 0"],
  appliesTo: ["connections"],
  cause: "Connections lie idle: {idle}. {full}.",
  prior: 3_600,
  checks: [
    isEngine("redis"),
    full,
    {
      id: "idle",
      question: "Do many clients lie idle?",
      observe: "redis-idle-clients",
      expect: { atLeast: 0.4 },
      weight: 3_900,
      against: 6_000,
      discriminates: ["redis-connections-load", "redis-waiters"],
    },
    {
      id: "no-timeout",
      question: "Does it keep idle connections for ever?",
      observe: "database-setting",
      params: { name: "timeout" },
      expect: { is: "0" },
      weight: 0,
    },
  ],
  fixes: [
    endClients("idle", { from: "idle", at: "because" }, "End the connections that lie idle: {idle}"),
    {
      id: "timeout",
      title: "Let it end connections that are idle for 5 minutes",
      class: "configuration",
      risk: "medium",
      needs: ["no-timeout", "idle"],
      actions: [
        {
          action: "redis-set-config",
          params: { setting: { value: "timeout" }, from: { value: "0" }, to: { value: "300" } },
        },
      ],
    },
    human("Let {idle.client} close or pool its connections; CONFIG SET timeout 300 ends those that are idle"),
  ],
});

export const redisConnectionsLoad = playbook({
  id: "redis-connections-load",
  title: "Redis has more clients than places",
  vocabulary: ["max number of clients reached", "maxclients", "ulimit", "too many clients"],
  appliesTo: ["connections"],
  cause: "Its clients are at work, and take all places: {full}; {busy}.",
  prior: 3_600,
  checks: [
    isEngine("redis"),
    full,
    {
      id: "busy",
      question: "Are few clients idle?",
      observe: "redis-idle-clients",
      expect: { atMost: 0.2 },
      weight: 2_400,
      against: 5_000,
      discriminates: ["redis-connections-idle"],
    },
    {
      id: "not-waiting",
      question: "Do few of them wait in a blocking command?",
      observe: "redis-waiters",
      expect: { atMost: 0.4 },
      weight: 1_400,
      against: 4_000,
      discriminates: ["redis-waiters"],
    },
    moreClients,
  ],
  fixes: [
    MORE_CLIENTS,
    human("Share connections within the clients, or raise maxclients and the limit of open files with it"),
  ],
});
