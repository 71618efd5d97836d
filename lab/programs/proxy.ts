// A small reverse proxy on loopback: round robin over replicas, and an admin door for taking one out of rotation and back.
// REPLICAS is "name=port,…". GET /replicas tells of all; GET /replicas/NAME tells {"state":"in"|"out","inFlight":n}; POST
// …/out and …/in change it. A request that changes nothing (GET, HEAD) goes to the next replica when one does not begin to answer; any other fails.
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";

const { PORT, ADMIN_PORT, REPLICAS = "" } = process.env;
const BEGINS_WITHIN_MS = 2_000;
const HOST = "127.0.0.1";

interface Replica {
  name: string;
  port: number;
  state: "in" | "out";
  inFlight: number;
}

const replicas = REPLICAS.split(",").map((one): Replica => {
  const [name = "", port] = one.split("=");
  return { name, port: Number(port), state: "in", inFlight: 0 };
});
let turn = 0;

/** Those in rotation, each time another one first. */
function inTurn(): Replica[] {
  const serving = replicas.filter((one) => one.state === "in");
  turn += 1;
  return serving.map((_, index) => serving[(turn + index) % serving.length] as Replica);
}

function pass(asked: IncomingMessage, answer: ServerResponse, [replica, ...others]: Replica[]): void {
  if (replica === undefined) return void answer.writeHead(503).end("no replica answers\n");
  const repeatable = asked.method === "GET" || asked.method === "HEAD";
  const { port } = replica;
  const sent = request({
    host: HOST,
    port,
    agent: false,
    method: asked.method,
    path: asked.url,
    headers: asked.headers,
  });
  replica.inFlight += 1;
  sent.once("close", () => (replica.inFlight -= 1));
  if (repeatable)
    sent.setTimeout(BEGINS_WITHIN_MS, () => sent.destroy(new Error("it does not begin to answer")));
  sent.once("response", (from) => {
    sent.setTimeout(0);
    answer.writeHead(from.statusCode ?? 502, from.headers);
    from.pipe(answer);
    from.once("error", () => answer.destroy());
  });
  sent.on("error", ({ message }) => {
    if (answer.headersSent) return;
    console.log(`WARN ${replica.name}: ${message}`);
    if (repeatable) pass(asked, answer, others);
    else answer.writeHead(502).end(`${replica.name} failed\n`);
  });
  if (repeatable) sent.end();
  else asked.pipe(sent);
}

createServer((asked, answer) => pass(asked, answer, inTurn())).listen(Number(PORT), HOST, () =>
  console.log("INFO listening"),
);

createServer((asked, answer) => {
  if (asked.method === "GET" && asked.url === "/replicas") {
    const all = Object.fromEntries(replicas.map(({ name, state, inFlight }) => [name, { state, inFlight }]));
    return void answer.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(all));
  }
  const [, name, wanted] = /^\/replicas\/([^/]+)(?:\/(in|out))?$/.exec(asked.url ?? "") ?? [];
  const replica = replicas.find((one) => one.name === name);
  if (replica === undefined || (asked.method === "POST") !== (wanted !== undefined)) {
    return void answer.writeHead(404).end();
  }
  if (wanted !== undefined) {
    replica.state = wanted as Replica["state"];
    console.log(`INFO ${replica.name} is ${wanted}`);
  }
  const { state, inFlight } = replica;
  answer.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ state, inFlight }));
}).listen(Number(ADMIN_PORT), HOST);
