// The site of the crash tests, as opsmedic is told of it: one real process with one real configuration file. It appends
// a byte to a file at each start, so that starts are counted from outside, and complains in its log while something is
// wrong with it.
import { join } from "node:path";
import { type Config, configFromObject } from "../../api/config.ts";

/** What is wrong: it was killed; a setting makes an upstream refuse it; the same, and the setting changes nothing. */
export const troubles = ["killed", "asks-too-fast", "asks-in-vain"] as const;
export type Trouble = (typeof troubles)[number];

export interface Site {
  folder: string;
  trouble: Trouble;
  /** Empty: the embedded store, in the folder. */
  url: string;
  leaseMs: number;
}

export const SERVICE = "shop";
export const BEFORE = `{\r\n  "name": "Möbel & Co", "port": 8080,\r\n  "upstream": { "delayMs": 800 } }`;
export const AFTER = BEFORE.replace("800", "1200");

/** Bash waits and tells the time by itself: a program started for each line would keep a processor busy. */
const SHOP = `
printf x >>"$1"
limited=yes
if [ "$3" = killed ]; then limited=no; fi
if [ "$3" = asks-too-fast ] && grep -q '"delayMs": 1[02]' "$2"; then limited=no; fi
if [ $limited = no ]; then exec sleep 3600; fi
exec 3<> <(:)
while ! read -rt 0.02 -u 3; do
  micros=\${EPOCHREALTIME/[.,]/}
  echo "\${micros:0:13} WARN upstream partner.example answered 429 Too Many Requests"
done`;
export const places = (folder: string) => ({
  dataDir: join(folder, "data"),
  starts: join(folder, "starts"),
  config: join(folder, "shop", "config", "app.json"),
});

export function configOf({ folder, trouble, url }: Site): Config {
  const { dataDir, starts, config } = places(folder);
  return configFromObject(
    {
      version: 1,
      dataDir,
      ...(url !== "" && { storage: { url } }),
      services: [
        {
          name: SERVICE,
          runtime: { process: { command: ["/bin/bash", "-c", SHOP, "shop", starts, config, trouble] } },
          files: { root: join(folder, "shop"), editable: ["config/*.json"], afterEdit: "restart" },
        },
      ],
      healing: { validate: { for: "300ms" } },
    },
    { baseDir: folder, variables: {} },
  );
}
