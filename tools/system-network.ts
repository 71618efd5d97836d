// Names by the system's own resolver, as the services ask it; certificates by a handshake that is given up at once.
import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { connect } from "node:tls";
import { HealError } from "../domain/errors.ts";
import type { Certificate, Network } from "./network.ts";
import { codeOf } from "./probe-answer.ts";

export function makeSystemNetwork(): Network {
  return {
    async resolve(host) {
      if (isIP(host) !== 0) return "found";
      try {
        await lookup(host);
        return "found";
      } catch (error) {
        return codeOf(error) === "ENOTFOUND" ? "unknown" : "unanswered";
      }
    },
    certificate,
  };
}

function certificate(host: string, port: number, signal: AbortSignal): Promise<Certificate> {
  return new Promise((resolve, reject) => {
    // Accepted whatever it is, since it is only read: nothing is ever sent over this connection.
    const socket = connect({
      host,
      port,
      rejectUnauthorized: false,
      ...(isIP(host) === 0 && { servername: host }),
    });
    const stop = () => socket.destroy(signal.reason instanceof Error ? signal.reason : undefined);
    signal.addEventListener("abort", stop, { once: true });
    socket.once("error", reject);
    socket.once("close", () => signal.removeEventListener("abort", stop));
    socket.once("secureConnect", () => {
      const { valid_from: from, valid_to: to } = socket.getPeerCertificate();
      const refused = socket.authorizationError as Error | string | null | undefined;
      socket.destroy();
      const [startsAt, endsAt] = [Date.parse(from), Date.parse(to)];
      if (Number.isNaN(startsAt) || Number.isNaN(endsAt)) {
        reject(new HealError(`${host}:${port} showed no certificate.`, { code: "no-certificate" }));
        return;
      }
      resolve({
        startsAt,
        endsAt,
        ...(refused && { refused: typeof refused === "string" ? refused : refused.message }),
      });
    });
  });
}
