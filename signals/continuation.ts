// Does this line belong to the event before it? One rule for each runtime's way to print a stack trace.

export interface OpenEvent {
  /** Its beginning, some thousand characters of it, each line with its line break. */
  head: string;
  /** Its newest line that is not blank. */
  last: string;
  /** Blank lines since then. */
  blanks: number;
}

/** A line with a time or a level of its own, or a JSON object, begins an event, whatever came before. */
const newEvent =
  /^(?:\[?\d{4}[-/]\d\d[-/]\d\d[T ]|\d\d:\d\d:\d\d[.,\s]|<\d{1,3}>|\{"|[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d |\d+:[XCSM] \d\d |(?:level|time|ts)=|[IWEF]\d{4} \d\d:)/;

const goTrace = /panic: |panic serving |^fatal error: |^SIG[A-Z]+: |^goroutine /m;

/** Blank lines may stand before these. */
const afterBlank: readonly Rule[] = [
  // Node prints the source line and a caret, a blank line, the error; and its version at the end.
  { line: /^\S/, last: /^\s*\^+\s*$/ },
  { line: /^Node\.js v\d/, event: /^\s+at /m },
  // Node's errors with properties and causes.
  { line: /^\s+at |^\s*[\]}]+,?$/, last: /./ },
  // Go: "panic: …", blank, "goroutine 1 [running]:" and so on for each goroutine.
  {
    line: /^goroutine \d+ .*\[.+\]:$|^\[signal |^exit status \d+$|^created by /,
    event: goTrace,
  },
  // Python: "During handling of the above exception, …" and the trace after it.
  {
    line: /^(?:During handling of the above exception|The above exception was the direct cause)/,
    event: /^\s*(?:\+ .*)?Traceback /m,
  },
  { line: /^Traceback \(most recent call last\):/, last: /^(?:During handling of|The above exception)/ },
  // Rails: "NoMethodError (…):", blank, "app/models/x.rb:1:in `y'".
  { line: /^\S+\.(?:rb|erb|haml):\d+:in /, event: /^.*\b[A-Z]\w*(?:Error|Exception|NotFound)\b.*/ },
];

const atOnce: readonly Rule[] = [
  // Indented: a frame, a field, a wrapped message.
  { line: /^(?:\t| {2,})\S/, last: /./ },
  { line: /^ (?:at|--->) /, last: /./ },
  { line: /^[\]}]+[,;)]*$/, event: /[[{(]\s*$/m },
  // Java and .NET.
  { line: /^(?:Caused by: |Suppressed: |--- End of |\.\.\. \d+ (?:more|common frames))/, last: /./ },
  // The trace after the log line that announces it, in the same breath.
  {
    line: /^(?:[\w$]+\.)+[A-Z][\w$]*(?:Exception|Error|Throwable)\b/,
    event: /^[^\n]*\b(?:ERROR|FATAL|SEVERE|CRITICAL|WARN|WARNING)\b[^\n]*\n$/,
  },
  {
    line: /^(?:[A-Z]\w*)?(?:Error|Exception)\b.*: /,
    event: /^[^\n]*\b(?:ERROR|FATAL|SEVERE|CRITICAL)\b[^\n]*\n$/,
  },
  {
    line: /^Traceback \(most recent call last\):/,
    event: /^[^\n]*\b(?:ERROR|CRITICAL|WARNING|Exception|error)\b[^\n]*\n$/,
  },
  // Python: the first line that is not indented after the frames is the exception itself.
  { line: /^[A-Za-z_][\w.]*(?:: |$)/, event: /^Traceback /m, last: /^\s/ },
  { line: /^[A-Za-z_][\w.]*(?:: |$)/, event: /^ {2}File ".*", line \d+/m, last: /^\s/ },
  // Go: function lines between the indented file lines.
  { line: /^[\w./*()\-·{}[\],$]+\(.*\)$/, event: /^goroutine \d+ /m },
  {
    line: /^(?:created by |exit status \d|panic: |\[signal |rax |rip )/,
    event: goTrace,
  },
  // Ruby.
  {
    line: /^\S+\.(?:rb|erb|haml):\d+:in /,
    last: /^\S+\.(?:rb|erb|haml):\d+:in /,
    event: /^\S+\.(?:rb|erb|haml):\d+:in .*\(\w+(?:::\w+)*\)\s*$/m,
  },
  // PHP.
  {
    line: /^(?:Stack trace:|#\d+ |\[stacktrace\]|\[previous exception\]|Next \S+: |"\}|PHP (?:Stack trace:| +\d+\. ))/,
    event: /(?:Uncaught |Exception|Error|Stack trace:|stacktrace)/,
  },
  // Rust.
  { line: /^(?:note: run with `RUST_BACKTRACE|stack backtrace:)/, event: /panicked at/ },
  { line: /./, last: /^thread '.*' .*panicked at .*:\d+:\d+:$/ },
  // Node: "/app/server.js:12", then the source line, then a caret under it.
  { line: /^\s*\^+\s*$/, last: /./ },
  { line: /./, last: /^(?:file:\/\/|\/|node:|\[\w+\]|[A-Za-z]:\\)\S*:\d+$/ },
];

interface Rule {
  line: RegExp;
  /** Must match the newest line. */
  last?: RegExp;
  /** Must match the event so far. */
  event?: RegExp;
}

export function continues(open: OpenEvent, line: string): boolean {
  if (newEvent.test(line)) return false;
  const rules = open.blanks > 0 ? afterBlank : [...afterBlank, ...atOnce];
  return rules.some((rule) => applies(rule, open, line));
}

function applies({ line, last, event }: Rule, open: OpenEvent, text: string): boolean {
  if (!line.test(text)) return false;
  if (last !== undefined && !last.test(open.last)) return false;
  return event === undefined || event.test(open.head);
}
