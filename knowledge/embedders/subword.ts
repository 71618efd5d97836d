// Offline vectors, computed here: words, the concepts that they stand for, and pieces of words are hashed into 256
// places with a sign (feature hashing, Weinberger et al. 2009). No model is loaded; a text takes some microseconds.
import { type Embedder, unit } from "../embedder.ts";
import { termsOf } from "../search/terms.ts";

const DIMENSIONS = 256;
const [WORD, CONCEPT, PIECE] = [1, 1.2, 0.35];
/** Changes with whatever changes the vectors. */
const MODEL = "subword-256-2";

export const subwordEmbedder: Embedder = {
  model: MODEL,
  instant: true,
  alike: 0.45,
  weight: 1,
  batch: 64,
  embed: (texts) => Promise.resolve(texts.map(subwordVector)),
};

export function subwordVector(text: string): number[] {
  const vector = Array.from<number>({ length: DIMENSIONS }).fill(0);
  const { words, concepts } = termsOf(text);
  for (const concept of concepts) add(vector, concept, CONCEPT);
  for (const word of words) {
    add(vector, word, WORD);
    const pieces = piecesOf(word);
    for (const piece of pieces) add(vector, piece, PIECE / Math.sqrt(pieces.length));
  }
  return unit(vector);
}

/** Runs of three and four letters with the word's ends marked: what a typing error leaves of a word. */
function piecesOf(word: string): string[] {
  const marked = `<${word}>`;
  const pieces: string[] = [];
  for (const length of [3, 4]) {
    for (let start = 0; start + length <= marked.length; start += 1)
      pieces.push(marked.slice(start, start + length));
  }
  return pieces;
}

function add(vector: number[], feature: string, weight: number): void {
  const hash = fnv1a(feature);
  const place = hash % DIMENSIONS;
  vector[place] = (vector[place] ?? 0) + (hash & 0x8000_0000 ? weight : -weight);
}

/** FNV-1a, 32 bits, then mixed (murmur3's finaliser), since its low bits alone are poor. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
