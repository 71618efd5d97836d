// /approvals/{id}: the page that messages link to. Reading it decides nothing, also for a program that follows links. Who
// looks signs in with a token as the password (RFC 7617); a decision is a POST that also carries a proof which only this
// page, read with that token, has: a foreign page can send neither.
import { createHmac, timingSafeEqual } from "node:crypto";
import express, { type ErrorRequestHandler, type Express, type Request, type Response } from "express";
import { z } from "zod";
import type { Clock } from "../../domain/clock.ts";
import { HealError } from "../../domain/errors.ts";
import { mayDo, passwordOf } from "../http/auth.ts";
import { id } from "../http/endpoint.ts";
import { HttpProblem, internalProblem, problemOf } from "../http/problem.ts";
import { actorOf, admit, type Door } from "../http/register.ts";
import type { Operations } from "../operations.ts";
import { approvalPage, problemPage } from "./approval-page.ts";
import { pagePolicy } from "./html.ts";

export type ApprovalPageOperations = Pick<Operations, "approval" | "run" | "decideApproval">;

const PATH = "/approvals/:id";
const BODY_LIMIT = "16kb";
const CHALLENGE = { "www-authenticate": 'Basic realm="opsmedic", charset="UTF-8"' };
const decisionSchema = z.strictObject({
  decision: z.enum(["approve", "reject"]),
  reason: z.string().max(2_000),
  plan_hash: z.string().min(1).max(200),
  proof: z.string().max(200),
});

export function serveApprovals(
  app: Express,
  operations: ApprovalPageOperations,
  { door, clock }: { door: Door; clock: Clock },
): void {
  const page: Door = { ...door, authenticate: (request) => door.authenticate(request, passwordOf) };
  app.use("/approvals", (_request, response, next) => {
    response.set({ "content-security-policy": pagePolicy, "cache-control": "no-store" });
    next();
  });
  app.get(PATH, async (request, response) => {
    const caller = await admit(request, response, { role: "viewer", method: "get", path: PATH }, page);
    const approval = await operations.approval(idOf(request));
    const { incident } = await operations.run(approval.runId).catch(goneRun);
    const proof = mayDo(caller, "operator") ? proofFor(request, approval.id, approval.planHash) : undefined;
    const who = { name: caller.name, proof };
    send(response, 200, approvalPage({ approval, incident, now: clock.now(), who }));
  });
  app.post(PATH, express.urlencoded({ extended: false, limit: BODY_LIMIT }), async (request, response) => {
    const caller = await admit(request, response, { role: "operator", method: "post", path: PATH }, page);
    const given = decisionSchema.safeParse(request.body);
    if (!given.success) throw new HttpProblem(400, "bad_body", "This is not what the page's form sends.");
    const { proof, ...decision } = given.data;
    const approvalId = idOf(request);
    if (!isFromHere(request) || !isSame(proof, proofFor(request, approvalId, decision.plan_hash)))
      throw new HttpProblem(
        403,
        "not_from_here",
        "This decision does not come from the approval's own page.",
        {
          hint: "Open the link once more, and decide there.",
        },
      );
    await operations.decideApproval(approvalId, decision, actorOf(request, caller));
    // Beside itself, whatever a proxy puts before the path.
    response.redirect(303, encodeURIComponent(approvalId));
  });
  app.all(PATH, () => {
    throw new HttpProblem(405, "method_not_allowed", "Only GET and POST here.", {
      headers: { allow: "GET, POST" },
    });
  });
  app.use("/approvals", errorsAsPages(door));
}

function idOf(request: Request): string {
  const read = id.safeParse(request.params["id"]);
  if (read.success) return read.data;
  throw new HttpProblem(404, "not_found", "There is no such approval.");
}

/** Bound to who looks and to what was shown; without the token nobody can make it. */
function proofFor(request: Request, approvalId: string, planHash: string): string {
  const token = passwordOf(request) ?? "";
  return createHmac("sha256", token)
    .update(JSON.stringify(["decide", approvalId, planHash]))
    .digest("hex");
}

function isSame(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** Every browser of today says where a form was sent from; what says nothing still needs the proof. */
function isFromHere(request: Request): boolean {
  const site = request.headers["sec-fetch-site"];
  return site === undefined || site === "same-origin";
}

function goneRun(error: unknown): { incident: null } {
  if (error instanceof HealError && error.code === "not-found") return { incident: null };
  throw error;
}

function send(response: Response, status: number, text: string): void {
  response.status(status).type("html").send(text);
}

function errorsAsPages({ logger }: Door): ErrorRequestHandler {
  return (error: unknown, request, response, _next) => {
    const problem = problemOf(error) ?? internalProblem;
    if (problem.status >= 500)
      logger.error({ err: error, method: request.method, path: PATH }, "request failed");
    const headers = error instanceof HttpProblem ? error.headers : {};
    response.set({ ...headers, ...(problem.status === 401 && CHALLENGE) });
    const signIn = { hint: "Sign in with any name, and your token as the password." };
    send(response, problem.status, problemPage({ ...problem, ...(problem.status === 401 && signIn) }));
  };
}
