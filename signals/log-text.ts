// Makes a line of a program fit to be stored and shown: no colours, no control characters, not endless.

/** Characters kept of one log event. */
export const LINE_LIMIT = 32_000;

const char = (code: number) => String.fromCharCode(code);
const [escape, bell] = [char(27), char(7)];

/** CSI (colours, cursor) and OSC (titles, links) sequences, ECMA-48. */
const terminalCodes = new RegExp(
  `${escape}(?:\\[[0-9;?]*[ -/]*[@-~]|\\][^${bell}${escape}]*(?:${bell}|${escape}\\\\)?)`,
  "g",
);
/** All of C0 but tab and line feed, and DEL. */
const controls = new RegExp(`[${char(0)}-${char(8)}${char(11)}-${char(31)}${char(127)}]`);
const allControls = new RegExp(controls, "g");

/** Without terminal codes and control characters, cut at 32,000 characters; says how much is missing. */
export function cleanText(raw: string): string {
  const missing = raw.length - LINE_LIMIT;
  const cut = missing > 0 ? `${raw.slice(0, LINE_LIMIT)}… [${missing} more characters]` : raw;
  // The escape that begins a terminal code is a control character, too.
  return (controls.test(cut) ? cut.replace(terminalCodes, "").replace(allControls, "") : cut).trimEnd();
}
