// What runs in the containers: a few lines of JavaScript each, for `node -e`.

/** Answers on 8080; stops when asked. /tmp/sick makes its container's health check fail, until the next start. */
export const WEB = `
const { rmSync, writeFileSync } = require("node:fs");
rmSync("/tmp/sick", { force: true });
writeFileSync("/tmp/pid", String(process.pid));
process.on("SIGTERM", () => process.exit(0));
require("node:http").createServer((request, answer) => answer.end("ok")).listen(8080);
console.log("up");`;

/** Needs more than 205 MiB to start, and no more later. */
export const EATS_AT_START = `
process.on("SIGTERM", () => process.exit(0));
globalThis.kept = Array.from({ length: 43 }, () => Buffer.alloc(5e6, 1));
setInterval(() => {}, 1000);
console.log("up");`;

/** Needs more than 205 MiB once, and little when it is started again. */
export const EATS_ONCE = `
const { existsSync, writeFileSync } = require("node:fs");
process.on("SIGTERM", () => process.exit(0));
if (!existsSync("/eaten")) {
  writeFileSync("/eaten", "");
  globalThis.kept = Array.from({ length: 43 }, () => Buffer.alloc(5e6, 1));
}
setInterval(() => {}, 1000);
console.log("up");`;

/** 80 MB in its first seconds, then 2 MB a second for as long as it runs: 20 s from "much" to "killed". */
export const LEAKS = `
process.on("SIGTERM", () => process.exit(0));
const kept = [];
setInterval(() => kept.push(Buffer.alloc(kept.length < 16 ? 5e6 : 1e6, 1)), 500);
console.log("up");`;

/** Reads its configuration at its start, and ends when it cannot be used. */
export const CONFIGURED = `
const { greeting } = JSON.parse(require("node:fs").readFileSync("/config/web.json", "utf8"));
if (typeof greeting !== "string") {
  console.error("ERROR invalid configuration /config/web.json: greeting is missing");
  process.exit(1);
}
process.on("SIGTERM", () => process.exit(0));
require("node:http").createServer((request, answer) => answer.end(greeting)).listen(8080);
console.log("up");`;

/**
 * Each request takes 20 ms of CPU time, measured as such, so that a busy machine does not make it more. Prometheus
 * can count them at /metrics.
 */
export const BUSY = `
process.on("SIGTERM", () => process.exit(0));
let served = 0;
require("node:http").createServer((request, answer) => {
  if (request.url === "/metrics") return answer.end('http_requests_total{code="200"} ' + served + "\\n");
  const used = () => process.cpuUsage().user + process.cpuUsage().system;
  const before = used();
  while (used() - before < 20_000) Math.sqrt(served);
  served += 1;
  answer.end("ok");
}).listen(8080);
console.log("up");`;

/** Asks the containers behind the name "shop" in turn, as a proxy does; nine times a second after SIGUSR2. */
export const CALLERS = `
process.on("SIGTERM", () => process.exit(0));
const { resolve4 } = require("node:dns").promises;
let pause = 1000;
let turn = 0;
process.on("SIGUSR2", () => (pause = 110));
const ask = async () => {
  setTimeout(ask, pause);
  const found = (await resolve4("shop").catch(() => [])).sort();
  if (found.length === 0) return;
  turn += 1;
  await fetch("http://" + found[turn % found.length] + ":8080/").then((answer) => answer.text()).catch(() => {});
};
ask();
console.log("up");`;

/** Asks its database (a name in its network) for each answer; without it, it says why and answers 503. */
export const NEEDS_DATABASE = `
process.on("SIGTERM", () => process.exit(0));
require("node:http").createServer(async (request, answer) => {
  try {
    await fetch("http://db:8080/", { signal: AbortSignal.timeout(1000) });
    answer.end("ok");
  } catch (error) {
    console.error("ERROR connect ECONNREFUSED db:8080");
    answer.writeHead(503).end();
  }
}).listen(8080);
console.log("up");`;

/** An upstream refuses it, again and again; to both streams, in words that are not only ASCII. */
export const REFUSED = `
process.on("SIGTERM", () => process.exit(0));
let count = 0;
setInterval(() => {
  count += 1;
  console.error("ERROR GET https://api.partner.example/v1 failed: 429 Too Many Requests – retry later #" + count);
  console.log("INFO für später ✓ #" + count);
}, 300);`;
