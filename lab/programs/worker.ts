// A small worker that asks an upstream again and again, as fast as the YAML file says that it may.
import { readFileSync } from "node:fs";
import { get } from "node:http";
import { parse } from "yaml";

const { CONFIG = "", UPSTREAM = "" } = process.env;
const settings = parse(readFileSync(CONFIG, "utf8")) as { upstream: { delay_seconds: number } };

function ask(): void {
  get(UPSTREAM, (answer) => {
    answer.resume();
    if (answer.statusCode === 429) console.error(`WARN ${UPSTREAM} answered 429 too many requests`);
    else console.log("INFO fetched a page");
  }).on("error", ({ message }) => console.error(`ERROR fetching from ${UPSTREAM}: ${message}`));
}

setInterval(ask, settings.upstream.delay_seconds * 1_000);
