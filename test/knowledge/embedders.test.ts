// Embedders: one suite for all; what servers may do wrong; nothing of a secret leaves.
import { describe, expect, it } from "vitest";
import { makeEmbedder } from "../../knowledge/embedders/make-embedder.ts";
import { subwordEmbedder, subwordVector } from "../../knowledge/embedders/subword.ts";
import { embedderContract } from "../contract/embedder.contract.ts";
import { type FakeRequest, startHttpServer } from "../fakes/http-server.ts";

/** Speaks both protocols; its vectors are those of subwords, so that different texts differ. */
const startVectorServer = () =>
  startHttpServer(({ path, body }: FakeRequest) => {
    const { input } = JSON.parse(body) as { input: string[] };
    const vectors = input.map((text) => subwordVector(text).map((value) => value * 3));
    if (path === "/api/embed") return { body: { model: "m", embeddings: vectors } };
    if (path !== "/v1/embeddings") return { status: 404, body: { error: "no such path" } };
    const data = vectors.map((embedding, index) => ({ object: "embedding", index, embedding }));
    return { body: { object: "list", model: "m", data: data.toReversed(), usage: {} } };
  });

const providers = ["openai", "ollama"] as const;

async function openRemote(provider: (typeof providers)[number]) {
  const server = await startVectorServer();
  const baseUrl = provider === "openai" ? `${server.url}/v1` : server.url;
  const embedder = makeEmbedder({ provider, model: "m", baseUrl, apiKey: "key-1" });
  return { embedder, server, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

embedderContract("Subword", () =>
  Promise.resolve({ embedder: subwordEmbedder, [Symbol.asyncDispose]: () => Promise.resolve() }),
);
for (const provider of providers) embedderContract(provider, () => openRemote(provider));

const cosine = (a: string, b: string): number =>
  subwordVector(a).reduce((sum, value, at) => sum + value * (subwordVector(b)[at] ?? 0), 0);

describe("Subword vectors", () => {
  it("are near for the same failure in other words, and far for another", () => {
    const same = cosine(
      "Error: listen EADDRINUSE: address already in use :::3000",
      "OSError: [Errno 98] Address already in use",
    );
    const other = cosine(
      "Error: listen EADDRINUSE: address already in use :::3000",
      "certificate has expired",
    );
    expect(same).toBeGreaterThan(0.4);
    expect(other).toBeLessThan(0.2);
  });

  it("of nothing are nothing", () => {
    expect(subwordVector("4711 0x00").every((value) => value === 0)).toBe(true);
  });
});

describe.each(providers)("%s", (provider) => {
  it.each([
    ["refused", "embeddings-refused"],
    ["other-json", "embeddings-answer"],
    ["not-json", "embeddings-unreachable"],
    ["cut", "embeddings-unreachable"],
  ] as const)("whose server is %s fails as %s", async (kind, code) => {
    await using site = await openRemote(provider);
    site.server.fail({ kind }, 5);
    const error: unknown = await site.embedder.embed(["x y"]).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ hint: expect.any(String) });
    expect([code, "embeddings-answer"]).toContain((error as { code: string }).code);
  });

  it("is not waited for longer than asked, and sends the configured key", async () => {
    await using site = await openRemote(provider);
    site.server.fail({ kind: "silence" });
    const stop = new AbortController();
    const asked = site.embedder.embed(["x"], stop.signal);
    await expect.poll(() => site.server.waiting()).toBe(1);
    stop.abort();
    await expect(asked).rejects.toMatchObject({ code: "embeddings-unreachable" });
    expect(site.server.requests[0]?.headers.authorization).toBe("Bearer key-1");
  });
});
