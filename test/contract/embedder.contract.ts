// What every embedder must do.
import { describe, expect, it } from "vitest";
import type { Embedder } from "../../knowledge/embedder.ts";

export interface EmbedderSite extends AsyncDisposable {
  embedder: Embedder;
}

export function embedderContract(name: string, open: () => Promise<EmbedderSite>): void {
  describe(`${name} as an Embedder`, () => {
    it("gives each text a vector of length 1, in order, the same for the same text", async () => {
      await using site = await open();
      const texts = ["too many open files", "certificate has expired", "too many open files"];
      const [files = [], certificate = [], again = []] = await site.embedder.embed(texts);
      for (const one of [files, certificate]) expect(Math.hypot(...one)).toBeCloseTo(1, 5);
      expect(files).toHaveLength(certificate.length);
      expect(again).toEqual(files);
      expect(certificate).not.toEqual(files);
      const [alone] = await site.embedder.embed(["certificate has expired"]);
      expect(alone).toEqual(certificate);
      expect(await site.embedder.embed([])).toEqual([]);
    });

    it("names its model, its batch and from where on texts are alike", async () => {
      await using site = await open();
      const { model, batch, alike, weight } = site.embedder;
      expect(model).toMatch(/^[\w:.-]+$/);
      expect(batch).toBeGreaterThan(0);
      expect(alike).toBeGreaterThan(0);
      expect(alike).toBeLessThan(1);
      expect(weight).toBeLessThan(4);
    });
  });
}
