// /api/info and /api/audit: what runs here, and who changed what.
import { z } from "zod";
import { endpoint, handle, limit, type Route } from "../http/endpoint.ts";
import { info } from "../http/schemas/answers.ts";
import { auditEntry } from "../http/schemas/records.ts";
import type { Operations } from "../operations.ts";

const tag = "System";

export const system = {
  info: endpoint({
    method: "get",
    path: "/api/info",
    role: "viewer",
    tag,
    summary: "Version, and where it keeps what it knows",
    response: info,
  }),
  audit: endpoint({
    method: "get",
    path: "/api/audit",
    role: "viewer",
    tag,
    summary: "Every change, newest first",
    query: z.strictObject({ limit, cursor: z.coerce.number().int().min(1).optional() }),
    response: z.object({ entries: z.array(auditEntry), next_cursor: z.string().nullable() }),
  }),
  verifyAudit: endpoint({
    method: "get",
    path: "/api/audit/verify",
    role: "viewer",
    tag,
    summary: "Recomputes the chain of hashes",
    response: z.object({
      ok: z.boolean(),
      entries: z.int(),
      brokenAt: z.int().nullable(),
      problem: z.string().nullable(),
    }),
  }),
};

export function systemRoutes(operations: Operations): Route[] {
  return [
    handle(system.info, () => operations.info()),
    handle(system.audit, async ({ query }) => {
      const { limit: most, cursor } = query;
      const entries = await operations.audit({
        limit: most,
        ...(cursor === undefined ? {} : { before: cursor }),
      });
      const last = entries.length < most ? undefined : entries.at(-1);
      return { entries, next_cursor: last && last.seq > 1 ? String(last.seq) : null };
    }),
    handle(system.verifyAudit, () => operations.verifyAudit()),
  ];
}
