// From one entry under "logs" in the configuration to the source that reads it.
import type { Clock } from "../../domain/clock.ts";
import { elasticSource } from "./elastic.ts";
import type { LogSource } from "./log-source.ts";
import { lokiSource } from "./loki.ts";
import { mongoSource } from "./mongodb.ts";
import { newRelicSource } from "./newrelic.ts";
import { seqSource } from "./seq.ts";
import { type PulledEntry, sourceName } from "./source-name.ts";

export function pulledSource(entry: PulledEntry, clock: Clock): LogSource {
  const name = sourceName(entry);
  switch (entry.type) {
    case "newrelic":
      return newRelicSource({ ...entry, name, clock });
    case "seq":
      return seqSource({ ...entry, name, clock });
    case "mongodb":
      return mongoSource({ ...entry, name, clock });
    case "loki":
      return lokiSource({ ...entry, name, clock });
    case "elasticsearch":
    case "opensearch":
      return elasticSource({ ...entry, flavour: entry.type, name, clock });
  }
}
