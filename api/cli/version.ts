// The version, from package.json: beside the sources, or above dist/ in an installed package.
import { readFileSync } from "node:fs";

export function packageVersion(): string {
  for (const place of ["../../package.json", "../../../package.json"]) {
    try {
      const read: unknown = JSON.parse(readFileSync(new URL(place, import.meta.url), "utf8"));
      if (
        typeof read === "object" &&
        read !== null &&
        "name" in read &&
        read.name === "opsmedic" &&
        "version" in read
      ) {
        return String(read.version);
      }
    } catch {
      // Not here: the next place.
    }
  }
  return "unknown";
}
