// Against DNS rebinding: a page of somebody else may point its own name at this address and read what it answers.
// Such a page sends its own name as Host. Names that nobody outside can own are fine: IP addresses, localhost,
// names without a dot (a container's, a machine's); every other must be configured.
import { isIP } from "node:net";
import type { RequestHandler } from "express";
import { HttpProblem } from "./problem.ts";

/** `allowed`: further host names, without port, such as the one of server.publicUrl. */
export function hostCheck(allowed: readonly string[]): RequestHandler {
  const names = new Set(allowed.map((one) => one.toLowerCase()));
  return (request, _response, next) => {
    const host = hostOf(request.headers.host);
    if (host !== undefined && (isHarmless(host) || names.has(host))) {
      next();
      return;
    }
    next(
      new HttpProblem(421, "wrong_host", "This server does not answer to that host name.", {
        hint: "Use its address, or configure the name as server.publicUrl.",
      }),
    );
  };
}

/** Lower case, without port and brackets; undefined where it is no host at all. */
function hostOf(header: string | undefined): string | undefined {
  const match = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::\d{1,5})?$/i.exec(header ?? "");
  return (match?.[1] ?? match?.[2])?.toLowerCase();
}

function isHarmless(host: string): boolean {
  return isIP(host) !== 0 || !host.includes(".") || host.endsWith(".localhost");
}
