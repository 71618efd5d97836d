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

type Rule = (text: string) => string;

const rules: readonly Rule[] = [
  replacing(
    /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----[\s\S]*?(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|$)/g,
    () => SECRET_MARK,
  ),
  // JSON Web Tokens: two or three base64url parts, the first of which begins with {"
  replacing(/\beyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?/g, () => SECRET_MARK),
  // Header lines: the scheme may stay, everything after it goes, up to the end of the line or of the quoted text.
  replacing(
    /\b((?:proxy-)?authorization)((?:\\{0,8}["'])?\s{0,4}[:=]\s{0,4}(?:\\{0,8}["'])?)((?:(?:basic|bearer|digest|negotiate|apikey|token|aws4-hmac-sha256)\s+)?)([^"'\\\r\n]+)/gi,
    ([, name, between, scheme]) => `${name}${between}${scheme}${SECRET_MARK}`,
  ),
  replacing(
    /\b((?:set-)?cookie)((?:\\{0,8}["'])?\s{0,4}:\s{0,4}(?:\\{0,8}["'])?)(?=[^\s"'\\=;]{1,200}=)([^"'\\\r\n]+)/gi,
    ([, name, between]) => `${name}${between}${SECRET_MARK}`,
  ),
  replacing(
    /\b(bearer|basic)(\s+)(?=[\w.~+/-]{0,200}[\d=_])([\w.~+/-]{8,}={0,2})/gi,
    ([, scheme, space]) => `${scheme}${space}${SECRET_MARK}`,
  ),
  // scheme://user:password@host, the password with @ in it as well; a port and a path are none
  replacing(
    /(:\/\/[^\s:/@"'<>]{0,200}):(?!\d{1,5}[/?#])([^\s"'<>@]{1,500}(?:@[^\s"'<>@/?#]{0,200}){0,8})@/g,
    ([, before]) => `${before}:${SECRET_MARK}@`,
  ),
  replacing(/(https?:\/\/)([\w.~-]{16,400})@/gi, ([, scheme]) => `${scheme}${SECRET_MARK}@`),
  replacing(
    new RegExp(`(${certain}|${ambiguous})(${separator})${quoted}`, "gis"),
    ([, name, between, slashes, mark, value = "", end = ""]) =>
      harmless.test(value) ? undefined : `${name}${between}${slashes}${mark}${SECRET_MARK}${end}`,
  ),
  replacing(new RegExp(`(${certain})(${separator})(${bare})`, "gi"), ([, name, between, value = ""]) =>
    harmless.test(value) ? undefined : `${name}${between}${SECRET_MARK}`,
  ),
  replacing(
    new RegExp(`\\b((?:[\\w-]{1,40}[_-])?(?:${ambiguous}))(${separator})(${bare})`, "gi"),
    ([, name, between = "", value = ""]) => {
      const written = between.trim() === "=" ? value.length >= 4 : isTokenLike(value);
      return written && !harmless.test(value) ? `${name}${between}${SECRET_MARK}` : undefined;
    },
  ),
  // --password x, IDENTIFIED BY 'x', ALTER ROLE … PASSWORD 'x'
  replacing(
    new RegExp(`(--[\\w-]{0,40}(?:${certain}|token))(\\s{1,4})(?!-)(\\S+)`, "gi"),
    ([, name, space]) => `${name}${space}${SECRET_MARK}`,
  ),
  replacing(
    /\b(password|identified\s{1,4}by)(\s{1,4})'(?:[^'\\]|\\.|''){1,500}'/gi,
    ([, name, space]) => `${name}${space}'${SECRET_MARK}'`,
  ),
  // Keys that carry their issuer's mark: AWS, GitHub, GitLab, Slack, OpenAI, Stripe, Google, New Relic, npm, SendGrid
  replacing(/\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b/g, () => SECRET_MARK),
  replacing(
    /\b(?:gh[opsur]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{20,}|xox[abeoprs]-[\w-]{10,}|sk-[\w-]{20,}|[rs]k_(?:live|test)_\w{10,}|AIza[\w-]{30,}|NRAK-\w{20,}|NRII-[\w-]{20,}|npm_\w{30,}|hf_\w{30,}|SG\.[\w-]{16,}\.[\w-]{16,})/g,
    () => SECRET_MARK,
  ),
  // Addresses of chat webhooks are secrets as a whole.
  replacing(
    /(https:\/\/(?:hooks\.slack\.com\/(?:services|workflows)|discord(?:app)?\.com\/api\/webhooks)\/)[\w/-]+/g,
    ([, before]) => `${before}${SECRET_MARK}`,
  ),
];

/** The text with every secret replaced by «secret»; what stands around it stays. Twice gives the same as once. */
export function withoutSecrets(text: string): string {
  return rules.reduce((masked, rule) => rule(masked), text);
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
function replacing(pattern: RegExp, masked: (match: string[]) => string | undefined): Rule {
  return (text) => text.replace(pattern, (...match: string[]) => masked(match) ?? match[0] ?? "");
}
