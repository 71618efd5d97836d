// Many healthy services at once: one server that answers every path, in a process of its own. Prints its port;
// /count tells how many requests came before.
import { createServer } from "node:http";

let count = 0;
const server = createServer((request, response) => {
  if (request.url === "/count") return response.end(String(count));
  count += 1;
  return response.end("ok");
}).listen(0, "127.0.0.1", 4096, () => console.log(server.address().port));
