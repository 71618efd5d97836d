// How many tokens a text is, where nobody says so: a quarter of its bytes, which holds for English and errs upwards for
// most other scripts. What a server reports counts only where it can be true.

const BYTES_PER_TOKEN = 4;
/** More than any of our questions can take. */
const MOST_REPORTED = 100_000;

export function estimatedTokens(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / BYTES_PER_TOKEN);
}

export function reportedTokens(value: unknown): number | undefined {
  const plausible =
    typeof value === "number" && Number.isInteger(value) && value > 0 && value <= MOST_REPORTED;
  return plausible ? value : undefined;
}
