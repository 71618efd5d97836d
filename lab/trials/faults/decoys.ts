// What looks like trouble: nothing to fix, or not ours to fix. Nothing may be started, ended or changed for it.
import type { Fault, Ground, Scene } from "../fault.ts";
import { openPartner, type Partner } from "../partner.ts";
import { processScene, type ProcessSite, type Role } from "../process-site.ts";
import { pair } from "./processes.ts";

const decoy = { kind: "decoy", needs: "processes", right: "nothing" } as const;
const notOurs = { kind: "decoy", needs: "processes", right: "told" } as const;

const becoming = (way: string, web: Role = {}): Fault["stage"] =>
  processScene(pair(web), (site) => ({ break: () => site.become("web", way) }));
const saying = (lines: readonly string[], { times = 40, everyMs = 100 } = {}): Fault["stage"] =>
  processScene(pair(), (site) => ({
    break: async () => {
      for (const line of lines) await site.say("web", line, { times, everyMs });
    },
  }));

/** web depends on a partner that is not ours. */
const withPartner =
  (breakIt: (partner: Partner, site: ProcessSite) => Promise<void>) => async (ground: Ground) => {
    const partner = await openPartner(ground);
    const acts = (site: ProcessSite): Pick<Scene, "break"> & Partial<Scene> => ({
      services: [partner.service],
      names: { partner: ground.nameOf("partner") },
      break: () => breakIt(partner, site),
      well: () => answers(partner.url),
    });
    return processScene({ web: { more: { dependsOn: [ground.nameOf("partner")] } } }, acts)(ground);
  };

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(1_000) })).ok;
  } catch {
    return false;
  }
}

export const decoyFaults: readonly Fault[] = [
  {
    ...decoy,
    name: "log-full-of-the-word-error",
    title: "Lines say that there are no errors, 150 a second.",
    ci: true,
    stage: becoming("noisy"),
  },
  {
    ...decoy,
    name: "slow-within-its-limit",
    title: "Answers take 250 ms, which is allowed.",
    stage: becoming("slow"),
  },
  {
    ...decoy,
    name: "one-failed-check",
    title: "A single health check fails.",
    stage: becoming("failing-once"),
  },
  {
    ...decoy,
    name: "stopped-by-its-operator",
    title: "Somebody stops the process with SIGTERM, as one does before maintenance.",
    ci: true,
    stage: processScene(pair(), (site) => ({
      break: async () => site.kill("web", "SIGTERM"),
    })),
  },
  {
    ...decoy,
    name: "two-seconds-of-work",
    title: "A report keeps a processor busy for two seconds.",
    stage: becoming("busy-once", { under: ["taskset", "-c", "0"] }),
  },
  {
    ...decoy,
    name: "large-but-steady-memory",
    title: "A cache takes two thirds of the memory limit, and no more.",
    stage: becoming("caching", { more: { limits: { maxMemory: "200m" } } }),
  },
  {
    ...decoy,
    name: "visitors-ask-for-what-is-not-there",
    title: "Its access log is full of 404: somebody scans it.",
    stage: saying(['INFO 203.0.113.7 - - "GET /wp-login.php HTTP/1.1" 404 12']),
  },
  {
    ...decoy,
    name: "it-limits-others",
    title: "It answers too eager callers with 429, as it should.",
    stage: saying(['INFO 203.0.113.7 - - "GET /search HTTP/1.1" 429 9 too many requests']),
  },
  {
    ...decoy,
    name: "a-good-roll-out",
    title: "A roll-out changes a setting, and all goes on well.",
    stage: processScene(pair(), (site) => ({
      break: async () => {
        site.write("web/settings.json", '{ "greeting": "good day", "peerTimeoutMs": 900 }\n');
        process.kill(site.pidOf("web"), "SIGHUP");
      },
    })),
  },
  {
    ...decoy,
    name: "a-background-job-complains",
    title: "A job inside cannot send its statistics, and says so as an error; every visitor is served.",
    stage: saying(["ERROR statistics not sent: connect ECONNREFUSED 203.0.113.9:8125"], {
      times: 30,
      everyMs: 300,
    }),
  },
  {
    ...decoy,
    name: "memories-of-an-old-death",
    title: "It prints the report of a crash of last week while it serves.",
    stage: saying(["Traceback (most recent call last): ValueError on 2019-11-23, see ticket 4711"], {
      times: 5,
      everyMs: 200,
    }),
  },
  {
    ...notOurs,
    name: "partner-down",
    title: "A partner's service is down: nothing of ours runs there.",
    causes: [{ role: "partner", playbooks: ["outside-service-down"] }],
    ci: true,
    stage: withPartner((partner) => partner.down()),
  },
  {
    ...notOurs,
    name: "partner-answers-errors",
    title: "A partner answers every call with 503.",
    causes: [{ role: "partner", playbooks: ["upstream-errors", "outside-service-down"] }],
    stage: withPartner(async (partner) => void (partner.answer.status = 503)),
  },
  {
    ...notOurs,
    name: "protected-service-killed",
    title: "A service that is protected by the configuration is killed: it is watched, and never acted on.",
    causes: [{ role: "web", playbooks: ["process-crash"] }],
    ci: true,
    stage: processScene(pair({ more: { protected: true } }), (site) => ({
      break: async () => site.kill("web"),
    })),
  },
  {
    ...notOurs,
    name: "only-observed-service-fails",
    title: "A service in mode observe fails: it is decided, and nothing is done.",
    causes: [{ role: "web", playbooks: ["degraded-process"] }],
    stage: becoming("failing", { more: { mode: "observe" } }),
  },
];
