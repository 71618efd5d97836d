// Orders: somebody wants something done. The chat does nothing, and tells by which command a person does it.

/** What people say for what can be done; each stands for the verb by which it is done. */
const VERBS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    (
      "approve reject restart start stop heal fix repair pause resume delete drop kill scale reload deploy set raise lower " +
      "run execute disable enable truncate"
    )
      .split(" ")
      .map((one) => [one, one]),
  ),
  ...same("approve", "accept allow confirm okay greenlight authorize authorise sign"),
  ...same("reject", "decline deny refuse veto dismiss"),
  ...same("restart", "reboot bounce kick recycle cycle respawn relaunch"),
  ...same("pause", "hold mute silence suspend freeze snooze"),
  ...same("resume", "unpause continue unfreeze"),
  ...same("kill", "terminate nuke shoot wipe purge flush clear remove erase"),
  ...same("raise", "increase bump double lift extend"),
  ...same("lower", "decrease reduce shrink"),
  ...same("heal", "cure mend rescue"),
  ...same("start", "launch boot"),
  ...same("deploy", "apply install push upgrade"),
};

function same(verb: string, words: string): Record<string, string> {
  return Object.fromEntries(words.split(" ").map((one) => [one, verb]));
}

/** Before the verb of an order may stand what makes it polite, or urgent. */
const POLITE: ReadonlySet<string> = new Set(
  (
    "please now just go ahead and can could will would you i want need must have to should hey ok okay yes quickly kindly " +
    "immediately opsmedic then so for me us like let lets someone somebody dear hi hello bot also"
  ).split(" "),
);
const TURNED = /^(turn|switch|shut|bring|take|get|put) (?:\S+ ){0,3}(on|off|down|up|offline|online)\b/;

const RESTS =
  /^(take a (break|nap|rest)|stand down|go to sleep|be quiet|do nothing (for|until|till)|leave everything)\b/;

/** Somebody wants something done: the chat tells how, and does nothing. */
export function wantedAct(words: readonly string[]): string | undefined {
  const first = words.findIndex((one) => !POLITE.has(one));
  const before = words.slice(0, Math.max(first, 0)).join(" ");
  // "should i restart it?" and "would you fix it?" ask for advice.
  if (/\bshould (i|we)\b|\b(can|could|must|have to|need to) i\b|\bi (can|could|have)\b/.test(before))
    return undefined;
  const rest = words.slice(first);
  if (first < 0 || rest[1] === "out") return undefined;
  if (RESTS.test(rest.join(" "))) return "pause";
  const turned = TURNED.exec(rest.join(" "));
  if (turned) return /off|down/.test(turned[2] ?? "") ? "stop" : "start";
  const verb = rest[0] ?? "";
  return Object.hasOwn(VERBS, verb) ? VERBS[verb] : undefined;
}
