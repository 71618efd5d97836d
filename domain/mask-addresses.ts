// Takes out of a text what a language model need not know: secrets, e-mail addresses, IP addresses, and values that
// the configuration itself names as secret. An address becomes a placeholder («ip-1») that stays the same for the same
// address within one prompt, so that "«ip-1» refused, «ip-2» answered" still makes sense; what comes back keeps it.
import { SECRET_MARK, withoutSecrets } from "./mask-secrets.ts";

/** Replaces in every text of one prompt by the same numbers. */
export type Mask = (text: string) => string;

/** A secret shorter than this stands in ordinary words as well. */
const SHORTEST_KNOWN = 6;

/** Also where the @ is written as %40, as in an address line. */
const EMAIL = /[\p{L}\p{N}._%+-]{1,64}(?:@|%40)(?:[\p{L}\p{N}-]{1,63}\.){1,8}\p{L}{2,24}/giu;
const OCTET = "(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)";
/** Also ip-10-0-0-5, as clouds name hosts. */
const IPV4 = `(?<![\\d.])${OCTET}(?:\\.${OCTET}){3}(?!\\d|\\.\\d)|(?<=\\bip-)${OCTET}(?:-${OCTET}){3}(?!\\d)`;
/** Anything of hexadecimal digits and colons; whether it is an address is asked afterwards. */
const MAYBE_IPV6 =
  "(?<![\\w:.])(?:[0-9a-f]{0,4}:){2,8}(?:\\d{1,3}(?:\\.\\d{1,3}){3}|[0-9a-f]{0,4})(?![\\w:]|\\.\\d)";
const onlyIpv4 = new RegExp(IPV4, "gi");
const addresses = new RegExp(`${MAYBE_IPV6}|${IPV4}`, "gi");

/** One for each prompt. `known`: secrets by their value, wherever they appear. */
export function makeMask(known: readonly string[] = []): Mask {
  const numbers = new Map<string, string>();
  const counts = new Map<string, number>();
  const values = known.filter((one) => one.length >= SHORTEST_KNOWN).sort((a, b) => b.length - a.length);

  function placeholder(kind: "email" | "ip", value: string): string {
    const key = `${kind} ${value.toLowerCase()}`;
    const given = numbers.get(key);
    if (given !== undefined) return given;
    const number = (counts.get(kind) ?? 0) + 1;
    counts.set(kind, number);
    const made = `«${kind}-${number}»`;
    numbers.set(key, made);
    return made;
  }

  const ipv4 = (one: string): string => placeholder("ip", one.replaceAll("-", "."));

  return (text) => {
    let masked = text;
    for (const value of values) masked = masked.replaceAll(value, SECRET_MARK);
    return withoutSecrets(masked)
      .replace(EMAIL, (one) => placeholder("email", one.replace(/%40/i, "@")))
      .replace(addresses, (one) => {
        if (!one.includes(":")) return ipv4(one);
        return isIpv6(one) ? placeholder("ip", one) : one.replace(onlyIpv4, ipv4);
      });
  };
}

/** A time (12:34:56) and the address of a network card are none. */
function isIpv6(text: string): boolean {
  return /[0-9a-f]/i.test(text) && URL.canParse(`http://[${text}]/`);
}
