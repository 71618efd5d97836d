// From what was found to the text of a first opsmedic.yaml. Cautious: it starts in mode `approve`.
import type { Found, FoundContainer, FoundPort } from "./found.ts";

const MODELINE = "# yaml-language-server: $schema=./opsmedic.schema.json";
const HTTP_PORTS = [80, 3000, 4000, 5000, 8000, 8080, 8081, 8888, 9000];
/** Ports inside a container by which a database is known. */
const DATABASE_PORTS: Record<number, FoundPort["kind"]> = { 5432: "postgres", 3306: "mysql", 6379: "redis" };

const EMPTY = [
  "services: [] # nothing was found here; for example:",
  "  # - name: web",
  '  #   runtime: { process: { command: "node server.js" } } # or docker: { container: web }',
  '  #   health: [{ http: "http://127.0.0.1:8080/healthz" }]',
];

export function draftConfig(found: Found): string {
  const names = new Set<string>();
  const named = found.containers.map((one) => ({
    one,
    name: unique(one.compose?.service ?? one.name, names),
  }));
  const services = [
    ...named.map(({ one, name }) => containerLines(one, name, needed(one, named))),
    ...found.ports.map((one) => portLines(one, unique(`${one.kind}-${one.port}`, names))),
  ];
  return [
    MODELINE,
    "# What opsmedic watches, and what it may do. Check it with: opsmedic config validate",
    "version: 1",
    ...(services.length === 0 ? EMPTY : ["services:", ...services.flat()]),
    "healing:",
    "  mode: approve # asks before every fix; change to auto when you trust it",
    "",
  ].join("\n");
}

/** Under the names that they got here. */
function needed(
  { compose }: FoundContainer,
  named: readonly { one: FoundContainer; name: string }[],
): string[] {
  return named.flatMap(({ one, name }) =>
    compose?.needs?.includes(one.compose?.service ?? "") && one.compose?.project === compose.project
      ? [name]
      : [],
  );
}

function containerLines(one: FoundContainer, name: string, needs: readonly string[]): string[] {
  const { compose } = one;
  const runtime = compose
    ? `{ compose: { project: ${quoted(compose.project)}, service: ${quoted(compose.service)} } }`
    : `{ docker: { container: ${quoted(one.name)} } }`;
  return [
    `  - name: ${quoted(name)} # ${comment(one.image)}`,
    `    runtime: ${runtime}`,
    ...healthLines(one),
    ...(needs.length > 0 ? [`    dependsOn: [${needs.map(quoted).join(", ")}]`] : []),
  ];
}

function healthLines({ ports }: FoundContainer): string[] {
  const database = ports.find(({ container }) => DATABASE_PORTS[container] !== undefined);
  const kind = database && DATABASE_PORTS[database.container];
  if (database && kind === "redis") return [`    redis: { url: "redis://127.0.0.1:${database.host}" }`];
  const web = ports.find(({ container }) => HTTP_PORTS.includes(container));
  if (web) return [`    health: [{ http: "http://127.0.0.1:${web.host}/" }]`];
  const [first] = ports;
  if (!first) return [];
  const tcp = `    health: [{ tcp: "127.0.0.1:${first.host}" }]`;
  return kind ? [tcp, insideLine(kind)] : [tcp];
}

function insideLine(kind: FoundPort["kind"]): string {
  return `    # ${kind}: { url: "\${${kind.toUpperCase()}_URL}" } # with it opsmedic also looks inside`;
}

function portLines({ kind, port }: FoundPort, name: string): string[] {
  if (kind === "redis") return [`  - name: ${name}`, `    redis: { url: "redis://127.0.0.1:${port}" }`];
  if (kind === "http") return [`  - name: ${name}`, `    health: [{ http: "http://127.0.0.1:${port}/" }]`];
  return [`  - name: ${name}`, `    health: [{ tcp: "127.0.0.1:${port}" }]`, insideLine(kind)];
}

function unique(wanted: string, taken: Set<string>): string {
  const base =
    wanted
      .replaceAll(/[^a-zA-Z0-9_.-]/g, "-")
      .replace(/^[^a-zA-Z0-9]+/, "")
      .slice(0, 50) || "service";
  let name = base;
  for (let n = 2; taken.has(name); n += 1) name = `${base}-${n}`;
  taken.add(name);
  return name;
}

/** JSON is YAML: whatever a container is called, it stays one word. */
function quoted(text: string): string {
  return /^[a-zA-Z][a-zA-Z0-9_-]*$/.test(text) && !/^(?:true|false|null|yes|no|on|off)$/i.test(text)
    ? text
    : JSON.stringify(text);
}

/** On one line, so that it cannot end the comment. */
function comment(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, "?");
}
