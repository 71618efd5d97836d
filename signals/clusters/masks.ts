// What varies from line to line and can be told by its looks: times, addresses, paths. It becomes a hole.

/** Stands in for anything that varies. No word can be equal to it. */
export const HOLE = "*";

/** Beyond this a line tells nothing new about which error it is; also the bound on the work done. */
const TEXT_LIMIT = 2_000;

const month = "(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}";
const weekday = "(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6},? )?";
const clock = String.raw`\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?`;
const zone = String.raw`(?: ?(?:z|utc|gmt|[a-z]{3,4}t|[+-]\d{2}:?\d{2})\b)?`;
const dayAndMonth = String.raw`\b(?:${month}\.? {1,2}\d{1,2}|\d{1,2}[ /-]${month})\b`;

// Every repetition is bounded, so that the time grows with the length of the text only.
const masks: readonly RegExp[] = [
  // A date with the month as a word, with whatever stands around it: syslog, asctime, HTTP.
  new RegExp(
    String.raw`${weekday}${dayAndMonth}(?:[ ,:t]{1,2}${clock})?(?:,? \d{4})?(?: ${clock})?${zone}`,
    "gi",
  ),
  // Addresses of pages and of people.
  /\b[a-z][a-z0-9+.-]{1,15}:\/\/[^\s"'<>)\]]{1,2000}/gi,
  /(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}/g,
  // Paths of Windows and Unix, the latter also as Java writes an address: /10.0.0.1:80.
  /(?<![\w.])[a-z]:\\[^\s"',;]{0,1000}/gi,
  /(?<![\w)\]])\/[^\s"',;:()[\]=]{1,1000}/g,
  // Host names by their end; a package (com.example.Thing) begins that way, and is none.
  /(?<![\w.-])(?:[\w-]{1,63}\.){1,10}(?:com|net|org|edu|gov|mil|info|biz|local|internal|lan|[a-z]{2})(?![\w(-]|\.\w)/gi,
];

/** The text with times, addresses and paths replaced by holes, on at most 2,000 characters. */
export function masked(text: string): string {
  let result = text.slice(0, TEXT_LIMIT);
  for (const mask of masks) result = result.replace(mask, ` ${HOLE} `);
  return result.trim();
}
