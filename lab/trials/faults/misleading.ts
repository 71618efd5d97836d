// Logs that name another cause than the true one: what was measured must count for more than what was said.
import type { Fault } from "../fault.ts";
import { processScene, type ProcessSite } from "../process-site.ts";
import { pair } from "./processes.ts";
import { rollOut } from "./settings.ts";

const misleading = {
  kind: "misleading log",
  needs: "processes",
  right: "healed",
  may: ["process web"],
} as const;
const cause = (...playbooks: string[]): Pick<Fault, "causes"> => ({ causes: [{ role: "web", playbooks }] });

/** Says something else, and then breaks. */
const saying = (
  line: string,
  breakIt: (site: ProcessSite) => Promise<void> | void,
  web = {},
): Fault["stage"] =>
  processScene(pair(web), (site) => ({
    break: async () => {
      site.willEnd("web");
      await site.say("web", line, { times: 10, everyMs: 1 });
      await breakIt(site);
    },
  }));

export const misleadingFaults: readonly Fault[] = [
  {
    ...misleading,
    ...cause("process-crash"),
    name: "killed-and-says-out-of-memory",
    title: "It is killed; its log says that memory was short, which it was not.",
    ci: true,
    stage: saying("ERROR OutOfMemoryError: Java heap space", (site) => site.kill("web")),
  },
  {
    ...misleading,
    ...cause("hang"),
    name: "hangs-and-blames-the-database",
    title: "It waits for a lock of its own; its log says that the database refuses connections.",
    stage: saying("ERROR connect ECONNREFUSED 127.0.0.1:5432: the database is down", (site) =>
      site.become("web", "locked"),
    ),
  },
  {
    ...misleading,
    ...cause("degraded-process"),
    name: "fails-and-says-disk-full",
    title: "Its memory is broken; its log says that the disk is full, which it is not.",
    stage: saying("ERROR ENOSPC: no space left on device, write", (site) => site.become("web", "failing")),
  },
  {
    ...misleading,
    ...cause("crash-after-bad-config"),
    may: ["process web", "file web/"],
    name: "bad-roll-out-and-blames-the-network",
    title: "A roll-out broke it; its log complains of names that cannot be found.",
    stage: saying("ERROR getaddrinfo ENOTFOUND db.internal", (site) =>
      rollOut(site, "web", "settings.json", '{ "peerTimeoutMs": 800 }\n'),
    ),
  },
  {
    ...misleading,
    ...cause("process-crash"),
    name: "crashes-and-says-port-taken",
    title: "It throws; its log says that its port was taken, by nobody.",
    stage: saying("ERROR listen EADDRINUSE: address already in use 127.0.0.1:8080", (site) =>
      site.become("web", "throwing"),
    ),
  },
  {
    ...misleading,
    ...cause("process-crash"),
    name: "crashes-and-misses-a-variable-that-it-has",
    title: "It throws; its log says that the variable PATH is not set, which it is.",
    stage: saying("ERROR environment variable PATH is not set", (site) => site.become("web", "throwing")),
  },
  {
    ...misleading,
    ...cause("hang"),
    name: "hangs-and-says-rate-limited",
    title: "It is stopped in its tracks; its log says that a partner limits its rate.",
    stage: saying("WARN https://api.partner.example/v1 answered 429 too many requests", (site) =>
      site.kill("web", "SIGSTOP"),
    ),
  },
  {
    ...misleading,
    ...cause("degraded-process"),
    name: "fails-and-says-certificate-expired",
    title: "Its memory is broken; its log says that a certificate has expired, which none has.",
    stage: saying("ERROR certificate has expired (CERT_HAS_EXPIRED)", (site) =>
      site.become("web", "failing"),
    ),
  },
  {
    kind: "misleading log",
    needs: "processes",
    right: "healed",
    causes: [{ role: "api", playbooks: ["process-crash"] }],
    may: ["process api"],
    name: "needed-service-killed-and-blames-itself",
    title: "What it needs is killed; its own log blames its session table.",
    stage: processScene({ web: { asks: "api" }, api: {} }, (site) => ({
      break: async () => {
        await site.say("web", "ERROR the session table is broken, a restart is needed", {
          times: 10,
          everyMs: 100,
        });
        site.kill("api");
      },
    })),
  },
];
