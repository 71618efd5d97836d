// A text of each format with the usual and the unusual in it.
export const samples: Record<string, string> = {
  "app.json": `\uFEFF{\r
  // how long a call may take
  "retry": { "delayMs": 800, "factor": 1.50, "on": true, "name": "a\\"b\\u00e9" }, /* 😀 */
  "levels": { "app.http": "warn", "": 1 },\r
  "hosts": ["a", { "port": 8080 }, null],
}\r
`,
  "app.yaml": `# settings 😀\r
retry:   # of calls
  delay: 800ms   # kept
  times: 3\r
  factor: 1.50
  on: yes
'quoted key': 'it''s'
double: "a\\tb"
flow: {a: 1, b: [x, 2.5, true]}
base: &base 10
copy: *base
defaults: &defaults
  timeout: 5
other:
  <<: *defaults
  name: x
text: |
  several
  lines
tagged: !!str 5
empty:
"app.http": null
`,
  "many.yml": "kind: a\nreplicas: 2\n---\nkind: b\nreplicas: 3\n...\n",
  ".env": `# settings\r
PORT=8080\r
export UPSTREAM_DELAY=800 # milliseconds
NAME="a b"   # quoted
SINGLE='$HOME'
EMPTY=
SPACED = x
HASH=a#b
EXPANDED="\${PORT}1"
DEBUG=false
RATE=0.5
PASSED
`,
  "app.toml": `title = "x" # 😀\r
[retry]
delay_ms = 1_000
factor = 1.0
"quoted.key".inner = 'literal'
since = 1979-05-27
limit = inf
[[hosts]]
ports = [1, { high = 2 }]\r
[[hosts]]
ports = []
text = """
several"""
`,
  "app.ts": `import x from "x";\r
export const DELAY = 800 as const; // 😀
const config = Object.freeze({ retry: { "delay-ms": -1.5, times: 1_000 }, list: [1, , "a"] } satisfies X);
export class Client { static retries = 3; #secret = "s"; timeout: number = 0.8; }
const PORT = Number(process.env.PORT ?? 8080);
app.listen(process.env["HOST"] || 'localhost');
function call(timeout = 5, { other = 6 } = {}) { const hidden = 1; return timeout * 2; }
const { LEVEL = \`warn\` } = process.env;
export default { on: true, off: null };
`,
  "app.js":
    "module.exports = { port: 8080, tls: { on: false } };\nexports.name = 'x';\nconst view = <a b={1} />;\n",
  "app.tsx": "const delay = 800;\nexport const View = () => <p>{delay}</p>;\n",
  "app.py": `"""A module."""\r
import os
TIMEOUT: int = 1_000  # 😀
RATE = -0.5
NAME, OTHER = "a", "b"
D = {'a': 1, "b.c": {'on': True}, **z}
@dataclass
class Client(Base):
    retries = 3
    wait: float = field(default=0.8)
    async def call(self, timeout=5, *, tries: int = 3, **more):
        hidden = 5
PORT = int(os.getenv("PORT", "8080"))
JOINED = 'x' 'y'
SHOWN = f'{NAME}'
NOTHING = None
PATTERN = r'\\d+'
PAIR = (1, "it\\'s")
TEXT = """several
lines"""
OPTIONS = dict(depth=2)
`,
};
