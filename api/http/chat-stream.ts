// POST /api/chat as server-sent events (WHATWG HTML, section 9.2): "token" and "citation" as the answer is told, then
// "done" with the whole of it; "problem" where it could not be given. Other callers get JSON from the route.
import type { RequestHandler } from "express";
import type { Operations } from "../operations.ts";
import { chat } from "../routes/chat.ts";
import { badInput, internalProblem, problemOf } from "./problem.ts";
import { actorOf, admit, type Door } from "./register.ts";

export function makeChatStream(operations: Pick<Operations, "ask">, door: Door): RequestHandler {
  return async (request, response, next) => {
    if (request.accepts(["application/json", "text/event-stream"]) !== "text/event-stream") {
      next();
      return;
    }
    const caller = await admit(request, response, chat.ask, door);
    const body = chat.ask.body.safeParse(request.body ?? {});
    if (!body.success) throw badInput("body", body.error);
    const send = (event: string, data: unknown): void =>
      void response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
    let begun = false;
    const begin = (): void => {
      if (begun) return;
      begun = true;
      response.writeHead(200, {
        "content-type": "text/event-stream",
        "cache-control": "no-store, no-transform",
        "x-accel-buffering": "no",
      });
    };
    try {
      const reply = await operations.ask(body.data, actorOf(request, caller), (one) => {
        begin();
        send(one.event, one.event === "token" ? { text: one.text } : one.citation);
      });
      begin();
      send("done", chat.ask.response.parse(reply));
      response.end();
    } catch (error) {
      // Before the first byte the one place for errors answers; after it only the stream can tell.
      if (!begun) throw error;
      door.logger.error({ err: error }, "an answer broke off");
      send("problem", problemOf(error) ?? internalProblem);
      response.end();
    }
  };
}
