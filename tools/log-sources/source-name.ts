// What an entry under "logs" in the configuration is called. Its name stays the same as long as it reads the same, since
// the stored place belongs to the name. Loads none of the sources' drivers.
import { withoutSecrets } from "../../domain/mask-secrets.ts";
import type { ElasticSettings } from "./elastic.ts";
import { contentId } from "./log-event.ts";
import type { LokiSettings } from "./loki.ts";
import type { MongoSettings } from "./mongodb.ts";
import type { NewRelicSettings } from "./newrelic.ts";
import type { SeqSettings } from "./seq.ts";

type Entry<Type extends string, Settings> = { type: Type } & Omit<Settings, "name" | "clock" | "flavour">;

export type PulledEntry =
  | Entry<"newrelic", NewRelicSettings>
  | Entry<"seq", SeqSettings>
  | Entry<"mongodb", MongoSettings>
  | Entry<"loki", LokiSettings>
  | Entry<"elasticsearch", ElasticSettings>
  | Entry<"opensearch", ElasticSettings>;

const LONGEST_NAME = 120;

/** "loki loki:3100 {app="checkout"}": what an operator knows it by; never with user, password or key. */
export function sourceName(entry: PulledEntry): string {
  const parts = [entry.type, ...whatItReads(entry)].filter((part) => part !== undefined && part !== "");
  const name = withoutSecrets(parts.join(" "));
  return name.length <= LONGEST_NAME
    ? name
    : `${name.slice(0, LONGEST_NAME - 10)}… ${contentId(name).slice(0, 8)}`;
}

function whatItReads(entry: PulledEntry): (string | undefined)[] {
  switch (entry.type) {
    case "newrelic":
      return [String(entry.account), entry.where];
    case "seq":
      return [hostOf(entry.url), entry.signal, entry.filter];
    case "mongodb":
      return [hostOf(entry.url), entry.collection];
    case "loki":
      return [hostOf(entry.url), entry.tenant, entry.query];
    case "elasticsearch":
    case "opensearch":
      return [hostOf(entry.url), entry.index, entry.query];
  }
}

/** Also of mongodb://a,b,c/…, which is no URL. */
function hostOf(url: string): string {
  return /^[a-z+]+:\/\/(?:[^/]*@)?([^/?]+)/.exec(url)?.[1] ?? "";
}
