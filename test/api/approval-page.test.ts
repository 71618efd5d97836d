// The page behind an approval's link, as a browser asks for it: what it shows to whom, that reading it decides nothing, and
// that no decision comes from anywhere else.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { makeTestClock } from "../knowledge/open-test-store.ts";
import { serveWorld, type Served } from "./serve-world.ts";

type Who = "viewer" | "operator" | "admin" | "nobody";

describe("the page of an approval", () => {
  let served: Served;
  /** The store has one of its own, which shows the same. */
  let doorClock: ReturnType<typeof makeTestClock>;
  let count = 0;
  /** Of this test's approval, and its address. */
  let asked = "";
  let address = "";
  beforeAll(async () => {
    doorClock = makeTestClock();
    served = await serveWorld({ clock: doorClock });
  });
  beforeEach(async () => {
    count += 1;
    asked = `asked-${count}`;
    address = `/approvals/${asked}`;
    const { store, clock } = served.world.opened;
    await store.runs.start({ id: `run-${asked}`, service: "shop", trigger: "api", reason: "test" });
    await store.approvals.request({
      id: asked,
      runId: `run-${asked}`,
      service: "shop",
      planHash: "hash-9",
      summary: "restart <shop> & more",
      scoreBp: 7_935,
      risk: "high",
      expiresAt: clock.now() + 60_000,
      link: `http://127.0.0.1:8686${address}`,
      diff: '-old\n+<script>alert("x")</script>\u202Enew',
      needs: 2,
    });
  });
  afterAll(() => served[Symbol.asyncDispose]());

  /** As a browser does once somebody has typed a token as the password. */
  const browse = (who: Who, path = address, init: RequestInit = {}): Promise<Response> => {
    const headers = new Headers(init.headers);
    if (who !== "nobody")
      headers.set("authorization", `Basic ${Buffer.from(`me:${served.tokens[who]}`).toString("base64")}`);
    return fetch(`${served.url}${path}`, { redirect: "manual", ...init, headers });
  };
  /** Fills the form in and sends it, with what else a browser or a foreign page would send. */
  async function decide(who: Who, decision: string, more: Record<string, string> = {}, from?: string) {
    const form = fields(await (await browse(who)).text());
    return browse(who, address, {
      method: "POST",
      body: new URLSearchParams({ ...form, decision, reason: "seen", ...more }),
      headers: from === undefined ? {} : { "sec-fetch-site": from },
    });
  }
  const standing = async () => (await served.world.opened.store.approvals.get(asked))?.status;

  it("says what would be done, why, what changes and until when, and reading it decides nothing", async () => {
    const response = await browse("operator");
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toContain("text/html");
    expect(response.headers.get("cache-control")).toBe("no-store");
    const page = await response.text();
    expect(page).toContain("<h1>shop: restart &lt;shop&gt; &amp; more</h1>");
    expect(page).toContain("<dd>79.35 %</dd>");
    expect(page).toMatch(/<dt>Expires<\/dt><dd>2026-01-05 12:\d\d:\d\dZ \(in 1 min( 1 s)?\)<\/dd>/);
    expect(page).toContain("two must approve; the first: nobody yet");
    expect(page).toContain("+&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;\\u{202e}new");
    expect(page).not.toMatch(/<script|\son\w+=|https?:\/\//);
    for (const method of ["GET", "HEAD"]) await browse("operator", address, { method });
    expect(await standing()).toBe("pending");
  });

  it("tells why, from the run's own record", async () => {
    const page = await (await browse("operator", "/approvals/apr-1")).text();
    const story = await served.world.parts.store.runs.incident("run-1");
    const [top] = story?.diagnosis?.hypotheses ?? [];
    expect(top?.title).toBeTruthy();
    expect(page).toContain(`${top?.title} (${top?.service}), `);
    expect(page).toContain("<dt>Without service</dt>");
  });

  it("lets in no script, style, frame or form of elsewhere", async () => {
    const response = await browse("operator");
    const policy = response.headers.get("content-security-policy") ?? "";
    expect(policy).toMatch(
      /^default-src 'none'; style-src 'sha256-[^']+'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'$/,
    );
    const style = /<style>([^]*)<\/style>/.exec(await response.text())?.[1] ?? "";
    const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(style));
    expect(policy).toContain(`'sha256-${Buffer.from(hash).toString("base64")}'`);
  });

  it("shows nothing to whoever has no token, as a program that looks at links has none", async () => {
    const response = await browse("nobody");
    expect(response.status).toBe(401);
    expect(response.headers.get("www-authenticate")).toMatch(/^Basic realm="opsmedic"/);
    const page = await response.text();
    expect(page).toContain("your token as the password");
    expect(page).not.toContain("restart");
    const wrong = { authorization: `Basic ${Buffer.from("me:wrong").toString("base64")}` };
    expect((await fetch(`${served.url}${address}`, { headers: wrong })).status).toBe(401);
    expect((await browse("nobody", address, { method: "POST" })).status).toBe(401);
  });

  it("lets a viewer look and not decide", async () => {
    const page = await (await browse("viewer")).text();
    expect(page).toContain("deciding needs the role operator");
    expect(page).not.toContain("<form");
    expect((await decide("viewer", "approve")).status).toBe(403);
    expect(await standing()).toBe("pending");
  });

  it("takes one person's yes, and the second's, and shows who they were", async () => {
    const first = await decide("operator", "approve", {}, "same-origin");
    expect([first.status, first.headers.get("location")]).toEqual([303, asked]);
    expect(await (await browse("admin")).text()).toContain("otto approves; waits for a second person");
    const again = await decide("operator", "approve");
    expect([again.status, await again.text()]).toEqual([
      409,
      expect.stringContaining("needs a second person"),
    ]);
    expect((await decide("admin", "approve")).status).toBe(303);
    const done = await (await browse("viewer")).text();
    expect(done).toContain("<strong>approved by ada: seen</strong>");
    expect(done).not.toContain("<form");
    expect(served.world.asked.resumed.map((one) => one.id)).toEqual([asked]);
    expect((await served.world.opened.store.audit.list({ limit: 9 })).map((one) => one.actor)).toContain(
      "otto",
    );
  });

  it("takes a no, which is enough", async () => {
    expect((await decide("operator", "reject")).status).toBe(303);
    expect(await standing()).toBe("rejected");
  });

  it("takes no decision that was not made on it", async () => {
    const foreign = [
      await decide("operator", "approve", { proof: "" }),
      await decide("operator", "approve", { proof: "0".repeat(64) }),
      await decide("operator", "approve", { plan_hash: "another" }),
      await decide("operator", "approve", {}, "cross-site"),
      await decide("operator", "approve", {
        proof: fields(await (await browse("admin")).text())["proof"] ?? "",
      }),
    ];
    expect(foreign.map((one) => one.status)).toEqual([403, 403, 403, 403, 403]);
    const odd = [
      await decide("operator", "approve", { more: "1" }),
      await decide("operator", "maybe"),
      await decide("operator", "approve", { reason: " " }),
      await browse("operator", address, {
        method: "POST",
        body: "{}",
        headers: { "content-type": "application/json" },
      }),
    ];
    expect(odd.map((one) => one.status)).toEqual([400, 400, 400, 400]);
    expect((await browse("operator", address, { method: "PUT" })).status).toBe(405);
    expect(await standing()).toBe("pending");
  });

  it("says so when it has expired, and when there is none", async () => {
    const before = fields(await (await browse("operator")).text());
    for (const clock of [served.world.opened.clock, doorClock]) clock.advance(62_000);
    const page = await (await browse("operator")).text();
    expect(page).toContain("expired: nothing was changed");
    expect(page).not.toContain("<form");
    const body = new URLSearchParams({ ...before, decision: "approve", reason: "late" });
    const late = await browse("operator", address, { method: "POST", body });
    expect([late.status, await late.text()]).toEqual([409, expect.stringContaining("expired before")]);
    expect((await browse("operator", "/approvals/none")).status).toBe(404);
    expect((await browse("operator", "/approvals/%2e%2e%2fx")).status).toBe(404);
  });

  it("does not open the API: there a browser's password is no token", async () => {
    expect((await browse("admin", `/api${address}`)).status).toBe(401);
  });
});

/** What the form sends without being seen. */
const fields = (page: string): Record<string, string> =>
  Object.fromEntries(
    [...page.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)">/g)].map((one) => [one[1], one[2]]),
  );
