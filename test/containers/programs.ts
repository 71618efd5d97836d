// What runs in the containers: a few lines of JavaScript each, for `node -e`.

/** Answers on 8080; stops when asked. /tmp/sick makes its container's health check fail, until the next start. */
export const WEB = `
const { rmSync, writeFileSync } = require("node:fs");
rmSync("/tmp/sick", { force: true });
writeFileSync("/tmp/pid", String(process.pid));
process.on("SIGTERM", () => process.exit(0));
require("node:http").createServer((request, answer) => answer.end("ok")).listen(8080);
console.log("up");`;

/** Needs about 150 MB to start, and no more later. */
export const EATS_AT_START = `
process.on("SIGTERM", () => process.exit(0));
globalThis.kept = Array.from({ length: 10 }, () => Buffer.alloc(10e6, 1));
setInterval(() => {}, 1000);
console.log("up");`;

/** 10 MB a second, for as long as it runs. */
export const LEAKS = `
process.on("SIGTERM", () => process.exit(0));
const kept = [];
setInterval(() => kept.push(Buffer.alloc(5e6, 1)), 500);
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
