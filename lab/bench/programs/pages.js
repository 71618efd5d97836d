// Many healthy services at once: one server that answers every path, in a process of its own. Prints its port.
import { createServer } from "node:http";

const server = createServer((_request, response) => response.end("ok")).listen(0, "127.0.0.1", 4096, () =>
  console.log(server.address().port),
);
