// The peer: looks every five seconds whether each process still runs, and starts what does not, the way
// docker-autoheal does (https://github.com/willfarrell/docker-autoheal: AUTOHEAL_INTERVAL=5). It proves nothing,
// asks nobody and remembers nothing, so it is the least that such a loop can cost.
// Arguments: a JSON list of { command, env }. Prints a JSON list of pids at first.
import { spawn } from "node:child_process";

const INTERVAL_MS = 5_000;
const services = JSON.parse(process.argv[2]);

function start(service) {
  const [program, ...rest] = service.command;
  service.child = spawn(program, rest, { env: service.env, stdio: "ignore" });
}

services.forEach(start);
console.log(JSON.stringify(services.map(({ child }) => child.pid)));
setInterval(() => {
  for (const service of services) {
    if (service.child.exitCode !== null || service.child.signalCode !== null) start(service);
  }
}, INTERVAL_MS);
process.once("SIGTERM", () => {
  for (const { child } of services) child.kill("SIGKILL");
  process.exit(0);
});
