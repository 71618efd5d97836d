// Pages that are written on the server and run no script. Every value is text: what a log line, a file or a person wrote
// can neither become markup nor turn the direction of what is read.
import { createHash } from "node:crypto";

const marks: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
/** Controls but tab and line feed, and what turns the direction of text or hides in it: a diff must read as it is. */
const UNSEEN = /(?![\t\n])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

const style = `
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 52rem; margin: 2rem auto; padding: 0 1rem; overflow-wrap: anywhere; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem; }
dt { font-weight: 600; }
dd { margin: 0; }
pre { white-space: pre-wrap; border: 1px solid; padding: .75rem; font-size: .875rem; }
textarea { display: block; width: 100%; box-sizing: border-box; font: inherit; margin: .25rem 0 1rem; }
button { font: inherit; padding: .5rem 1.25rem; margin-right: 1rem; }
`;

/** Nothing is loaded, nothing runs, nobody frames it, and its form leads nowhere but here. */
export const pagePolicy = [
  "default-src 'none'",
  `style-src 'sha256-${createHash("sha256").update(style).digest("base64")}'`,
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join("; ");

export interface Html {
  readonly html: string;
}

/** A template whose values are escaped; other Html, and lists of it, stand as they are. */
export function html(texts: TemplateStringsArray, ...values: (string | Html | readonly Html[])[]): Html {
  return { html: texts.map((text, at) => text + written(values[at] ?? "")).join("") };
}

function written(value: string | Html | readonly Html[]): string {
  if (typeof value === "string") return shown(value).replace(/[&<>"']/g, (one) => marks[one] ?? "");
  return "html" in value ? value.html : value.map((one) => one.html).join("\n");
}

/** What could not be seen is spelled out: "\u{202e}". */
function shown(text: string): string {
  return text.replace(UNSEEN, (one) => `\\u{${one.codePointAt(0)?.toString(16)}}`);
}

export function pageOf(title: string, body: Html): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
${html`<title>${title} · opsmedic</title>`.html}
<style>${style}</style>
</head>
<body>
<main>
${body.html}
</main>
</body>
</html>
`;
}
