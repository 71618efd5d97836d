// A partner's API that limits its callers: it is nobody's fault here, and nothing of ours runs there.
import { createServer } from "node:http";

export type Upstream = Awaited<ReturnType<typeof openUpstream>>;

/** So many calls are counted together, so that one that is late on a busy machine does not make the next one too early. */
const COUNTED = 4;

/** Answers 429 to whoever calls more often than every `leastMs`, on average. */
export async function openUpstream(leastMs: number) {
  let last: number[] = [];
  const seen = { answered: 0, refused: 0 };
  const limit = { leastMs };
  const server = createServer((request, answer) => {
    const now = performance.now();
    if (request.url === "/status") return void answer.end("well");
    const [first = now] = last;
    const tooSoon = last.length === COUNTED && now - first < COUNTED * limit.leastMs;
    last = [...last, now].slice(-COUNTED);
    seen[tooSoon ? "refused" : "answered"] += 1;
    answer.writeHead(tooSoon ? 429 : 200).end();
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as { port: number };
  return {
    url: `http://127.0.0.1:${port}`,
    seen,
    limit,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
