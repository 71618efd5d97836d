// Takes secrets out of text that others wrote (log lines, error messages) before it is stored, shown or given to a
// model. It looks for how secrets are written down, not for randomness: hashes and request ids help an operator and
// stay. Every pattern is linear in the length of the text, since a line may be written to hurt.
import type { Json } from "./json.ts";

export const SECRET_MARK = "«secret»";

/** Names whose value is a secret whatever it looks like; a longer name may end in them: DB_PASSWORD, X-Api-Key. */
const certain =
  "password|passwd|passphrase|pwd|secret|secret[_-]?key|api[_-]?key|access[_-]?key|account[_-]?key|private[_-]?key|" +
  "access[_-]?token|refresh[_-]?token|id[_-]?token|auth[_-]?token|session[_-]?token|csrf[_-]?token|bot[_-]?token|" +
  "secret[_-]?access[_-]?key|license[_-]?key|credentials?|signature";
/** Names that are ordinary words as well: "Unexpected token: else". */
const ambiguous = "token|session[_-]?id|sid|sig|auth|otp";

const quote = String.raw`\\{0,8}["']`;
/** Between name and value: =, :, =>, "name":"…, also inside escaped JSON. */
const separator = String.raw`(?:${quote})?\s{0,4}(?:=>|[:=])\s{0,4}`;
/** An escaped quote ends nothing; where the line was cut inside, everything up to its end is taken. */
const quoted = String.raw`(?<slashes>\\{0,8})(?<mark>["'])((?:(?!\k<slashes>\k<mark>)(?:\\.|.)){1,8000})(?<end>\k<slashes>\k<mark>)?`;
const bare = String.raw`[^\s,;&"'\\(){}<>\[\]]+`;
/** Words that stand where a value would, and give nothing away. */
const harmless = /^(?:null|undefined|none|nil|true|false|\*+|\[redacted\]|«secret»)$/i;

/**
 * What a text must have for a rule to find anything; most lines have none of it, and looking for these three costs a
 * seventh of trying every rule. "marked": a key's or an address's own look; "spoken": a word before the secret;
 * "named": a name with its separator.
 */
const signs = {
  marked:
    /-----BEGIN |eyJ|:\/\/|A[KSBC][IC]A|gh[opsur]_|github_pat|glpat-|xox|sk-|[rs]k_|AIza|NRAK-|NRII-|npm_|hf_|SG\./,
  spoken: /bearer|basic|password|identified|--/i,
  // Looked at from the separator backwards, since there are few.
  named: new RegExp(
    `(?<=(?:pass(?:word|wd|phrase)|pwd|secret|key|token|credentials?|signature|authorization|cookie|${ambiguous})(?:${quote})?\\s{0,4})[:=]`,
    "i",
  ),
} as const;
type Sign = keyof typeof signs;

interface Rule {
  sign: Sign;
  mask: (text: string) => string;
}

const rules: readonly Rule[] = [
  replacing(
    "marked",
    /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----[\s\S]*?(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|$)/g,
    () => SECRET_MARK,
  ),
  // JSON Web Tokens: two or three base64url parts, the first of which begins with {"
  replacing("marked", /\beyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?/g, () => SECRET_MARK),
  // Header lines: the scheme may stay, everything after it goes, up to the end of the line or of the quoted text.
  replacing(
    "named",
    /\b((?:proxy-)?authorization)((?:\\{0,8}["'])?\s{0,4}[:=]\s{0,4}(?:\\{0,8}["'])?)((?:(?:basic|bearer|digest|negotiate|apikey|token|aws4-hmac-sha256)\s+)?)([^"'\\\r\n]+)/gi,
    ([, name, between, scheme]) => `${name}${between}${scheme}${SECRET_MARK}`,
  ),
  replacing(
    "named",
    /\b((?:set-)?cookie)((?:\\{0,8}["'])?\s{0,4}:\s{0,4}(?:\\{0,8}["'])?)(?=[^\s"'\\=;]{1,200}=)([^"'\\\r\n]+)/gi,
    ([, name, between]) => `${name}${between}${SECRET_MARK}`,
  ),
  replacing(
    "spoken",
    /\b(bearer|basic)(\s+)(?=[\w.~+/-]{0,200}[\d=_])([\w.~+/-]{8,}={0,2})/gi,
    ([, scheme, space]) => `${scheme}${space}${SECRET_MARK}`,
  ),
  // scheme://user:password@host, the password with @ in it as well; a port and a path are none
  replacing(
    "marked",
    /(:\/\/[^\s:/@"'<>]{0,200}):(?!\d{1,5}[/?#])([^\s"'<>@]{1,500}(?:@[^\s"'<>@/?#]{0,200}){0,8})@/g,
    ([, before]) => `${before}:${SECRET_MARK}@`,
  ),
  replacing("marked", /(https?:\/\/)([\w.~-]{16,400})@/gi, ([, scheme]) => `${scheme}${SECRET_MARK}@`),
  replacing(
    "named",
    new RegExp(`(${certain}|${ambiguous})(${separator})${quoted}`, "gis"),
    ([, name, between, slashes, mark, value = "", end = ""]) =>
      harmless.test(value) ? undefined : `${name}${between}${slashes}${mark}${SECRET_MARK}${end}`,
  ),
  replacing(
    "named",
    new RegExp(`(${certain})(${separator})(${bare})`, "gi"),
    ([, name, between, value = ""]) => (harmless.test(value) ? undefined : `${name}${between}${SECRET_MARK}`),
  ),
  replacing(
    "named",
    new RegExp(`\\b((?:[\\w-]{1,40}[_-])?(?:${ambiguous}))(${separator})(${bare})`, "gi"),
    ([, name, between = "", value = ""]) => {
      const written = between.trim() === "=" ? value.length >= 4 : isTokenLike(value);
      return written && !harmless.test(value) ? `${name}${between}${SECRET_MARK}` : undefined;
    },
  ),
  // --password x, IDENTIFIED BY 'x', ALTER ROLE … PASSWORD 'x'
  replacing(
    "spoken",
    new RegExp(`(--[\\w-]{0,40}(?:${certain}|token))(\\s{1,4})(?!-)(\\S+)`, "gi"),
    ([, name, space]) => `${name}${space}${SECRET_MARK}`,
  ),
  replacing(
    "spoken",
    /\b(password|identified\s{1,4}by)(\s{1,4})'(?:[^'\\]|\\.|''){1,500}'/gi,
    ([, name, space]) => `${name}${space}'${SECRET_MARK}'`,
  ),
  // Keys that carry their issuer's mark: AWS, GitHub, GitLab, Slack, OpenAI, Stripe, Google, New Relic, npm, SendGrid
  replacing("marked", /\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b/g, () => SECRET_MARK),
  replacing(
    "marked",
    /\b(?:gh[opsur]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{20,}|xox[abeoprs]-[\w-]{10,}|sk-[\w-]{20,}|[rs]k_(?:live|test)_\w{10,}|AIza[\w-]{30,}|NRAK-\w{20,}|NRII-[\w-]{20,}|npm_\w{30,}|hf_\w{30,}|SG\.[\w-]{16,}\.[\w-]{16,})/g,
    () => SECRET_MARK,
  ),
  // Addresses of chat webhooks are secrets as a whole.
  replacing(
    "marked",
    /(https:\/\/(?:hooks\.slack\.com\/(?:services|workflows)|discord(?:app)?\.com\/api\/webhooks)\/)[\w/-]+/g,
    ([, before]) => `${before}${SECRET_MARK}`,
  ),
];

/** The text with every secret replaced by «secret»; what stands around it stays. Twice gives the same as once. */
export function withoutSecrets(text: string): string {
  const shown: Record<Sign, boolean> = {
    marked: signs.marked.test(text),
    spoken: signs.spoken.test(text),
    named: signs.named.test(text),
  };
  let masked = text;
  // A mark in the place of a secret never makes another one: what the text had no sign of, it still has not.
  for (const { sign, mask } of rules) if (shown[sign]) masked = mask(masked);
  return masked;
}

const secretName = new RegExp(`(?:${certain}|(?:^|[_.-])(?:${ambiguous}|authorization|cookie))$`, "i");

/** The same for plain data: values under secret names go as a whole, all other texts are searched. */
export function withoutSecretsIn(value: Json, name = ""): Json {
  if (Array.isArray(value)) return value.map((one) => withoutSecretsIn(one, name));
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, withoutSecretsIn(one, key)]));
  }
  const hidden = secretName.test(name) && !harmless.test(String(value)) && value !== "";
  if (hidden && typeof value !== "boolean") return SECRET_MARK;
  return typeof value === "string" ? withoutSecrets(value) : value;
}

/** A bare word after "token:" is masked only where it cannot be part of a sentence. */
function isTokenLike(value: string): boolean {
  return value.length >= 20 || (value.length >= 6 && /\d/.test(value) && /[a-z]/i.test(value));
}

/** undefined leaves the match as it is. */
function replacing(sign: Sign, pattern: RegExp, masked: (match: string[]) => string | undefined): Rule {
  return {
    sign,
    mask: (text) => text.replace(pattern, (...match: string[]) => masked(match) ?? match[0] ?? ""),
  };
}
