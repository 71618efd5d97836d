// Symptom lines as they are remembered: as they came, on one line, without secrets and without what names a person or
// a machine, since what is remembered is shown, exported and given to embedders.
import { withoutSecrets } from "../domain/mask-secrets.ts";
import { storableText } from "./storable.ts";

export const MOST_SYMPTOMS = 12;
export const LONGEST_SYMPTOM = 400;

const email = /\b[\w.%+-]{1,64}@[a-z\d-]{1,63}(?:\.[a-z\d-]{1,63}){1,5}\b/gi;
const ipv4 = /\b\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}\b/g;
const ipv6 = /(?<![\w:])(?:[0-9a-f]{1,4}:){3,7}(?::?[0-9a-f]{1,4})(?![\w:])/gi;

/** The text without secrets, e-mail and IP addresses. Twice gives the same as once. */
export function masked(text: string): string {
  return withoutSecrets(text).replace(email, "«email»").replace(ipv4, "«ip»").replace(ipv6, "«ip»");
}

/** One symptom line of a log event: without the frames of a stack trace, masked, at most 400 characters. */
export function symptomLine(text: string): string {
  const told = text
    .slice(0, 8_000)
    .split("\n")
    .filter((line) => !/^\s*(?:at\s|File "|\.\.\. \d+ more|goroutine \d)/.test(line))
    .slice(0, 4)
    .join(" ");
  return storableText(masked(told)).replace(/\s+/g, " ").trim().slice(0, LONGEST_SYMPTOM);
}

/** Each line once, empty ones left out, at most twelve. */
export function symptomLines(texts: readonly string[]): string[] {
  return [...new Set(texts.map(symptomLine).filter((one) => one !== ""))].slice(0, MOST_SYMPTOMS);
}
