// The words of questions, and what they mean: every wording of one idea becomes one concept, so that an intent needs
// no list of sentences. Misspelt words are taken for the known word that is nearest.
import { nearest } from "./near.ts";

/** Concept → its wordings. A wording of several words is looked for first. */
const WORDINGS = {
  why: "trigger|triggered|triggers|what gives|origin|due to|source of|behind|reason for|diagnosis|diagnose|why|how come|reason|cause|caused|causes|root cause|because of what|what made|what makes|behind it|behind this|explain|explanation|any idea|what is up with|what is wrong|what was wrong|what is the matter|the matter|what is going on|what went wrong|whats wrong|culprit|fault|blame",
  slow: "takes long|take so long|lag|delay|delays|delayed|times out|timing out|degraded|performance|takes half|takes minutes|slow|slowly|slower|sluggish|laggy|lagging|crawling|crawls|takes so long|takes ages|takes forever|slowness|unresponsive|response time",
  down: "hiccup|hiccups|glitch|glitches|blip|break|breaks|breaking|bounced|not responding|crash loop|fell|down|dead|die|died|dies|dying|crash|crashes|crashed|crashing|broke|fail|failed|fails|failing|failure|failures|offline|unavailable|unreachable|outage|outages|out|hang|hangs|hung|hanging|killed|restarting|oom|stopped|gone|fall over|fell over|drag down|dragged|flapping",
  broken:
    "flaky|unstable|on fire|broken|wrong|problem|problems|trouble|issue|issues|unhealthy|not ok|bad|ill|sick|on fire|burning|red|failing now",
  happen:
    "timeline|post mortem|postmortem|history|rundown|events|event|chronology|sleep through|status report|happen|happened|happens|happening|occurred|occur|go on|went on|went wrong|summary|summarise|summarize|recap|overview|story|tell me about|catch me up|fill me in|news|did anything break|anything break|what did i miss|report",
  not: "nobody|no one|ignored|skipped|untouched|not|never|refuse|refused|without|stop|denied|deny|blocked",
  fix: "dealt|deal|handle|handled|address|addressed|took care|take care|fix|fixed|fixes|fixing|repair|repaired|repairs|heal|healed|heals|healing|mend|resolve|resolved|solve|remedy|remedies|cure",
  rolled: "rolled back|taken back|rollback|reverted",
  change:
    "touch|change|changed|changes|changing|modified|modify|edited|edit|edits|deploy|deployed|deploys|deployment|touched|altered|commit|different",
  before: "before|prior|preceded|preceding|led to|leading|just before|right before|ahead of|earlier",
  similar:
    "similar|alike|like this|something like|anything like|same thing|same problem|seen before|happened before|seen the|been here|have we seen|resembles|related|precedent|look like",
  sure: "sure|certain|confident|confidence|certainty|convinced|on what grounds|grounds|trust|believe|positive|probability|likely",
  math: "arithmetic|math|maths|sum|calculation|calculate|calculated|compute|computed|score|points|addends|breakdown|add up|number come from",
  gate: "gate|verdict|decision|threshold",
  evidence:
    "evidence|proof|prove|proves|speaks for|spoke for|speaks against|spoke against|checks|facts|against",
  rival:
    "what else|something else|other cause|other causes|alternative|alternatives|rival|rivals|hypotheses|hypothesis|could it have been|could it be|ruled out",
  know: "were you right|was that right|you right about|mistaken|were you wrong|hold|how do you know|how can you tell|are you sure it|validated|validation|verified",
  waiting:
    "have to do|do i need to|need to do|anything for me|my turn|action needed|my decision|my approval|undecided|unapproved|blocked on me|to review|waiting|waits|wait|pending|open approvals|need to sign|sign off|need my|needs me|needs my|to approve|for approval|to decide|outstanding|my attention",
  approve:
    "signed|go ahead|green light|greenlight|thumbs up|okayed|permission|authorised|authorized|clearance|approve|approved|approves|approval|approvals|signed off|said yes|accepted|accept|allowed|confirmed",
  reject: "reject|rejected|rejects|rejection|declined|said no|turned down|refused it|vetoed|disapproved",
  expire: "expire|expired|expires|timed out|nobody decided",
  who: "anyone|anybody|someone|somebody|who|whom|which human|which person|which people|who did|by whom",
  learn: "learn|learned|learnt|learns|lesson|lessons|remember|remembered|memory of",
  fill: "fill|fills|full|fill up|run out|runs out|running out|exhausted|exhaust|space left|be full|enough space|enough disk|capacity|forecast|predict|prediction|predicted|last until",
  when: "when|how soon|what time|how much time|by when",
  mean: "mean|means|meaning|meant|stand for|stands for|what is the error|explain the error",
  error: "error|errors|exception|exceptions|message|warning|warnings|stack trace",
  log: "log|logs|logged|logging|line|lines|output|says",
  often:
    "recurring|recurs|recur|repeat|repeated|repeatedly|regularly|keeps|how often|how many times|how many|number of|count|how frequently|times",
  well: "healthy|ok|okay|fine|well|up|alive|working|running|good|status|health|state|doing",
  would:
    "plan|intend|intention|intending|would you|should i|should we|do you suggest|do you propose|do you recommend|suggest|suggestion|recommend|recommendation|propose|proposed|proposal|advice|next step|what now|do about|can be done|planned|plan|going to do",
  undo: "put back|old config|old version|previous state|previous version|un do|undo|revert|roll back|take back|rewind|restore|go back|back out|undone",
  how: "how",
  back: "back",
  worst:
    "least reliable|most unstable|worst|most incidents|most problems|most trouble|flakiest|noisiest|least stable",
  percent: "percent",
  past: "did|was|were|had|have been|has been",
  best: "best|works best|most successful|most effective|works|work|help|helps|helped|success rate|successful|effective|useful",
  list: "were there any|are there any|was there any|list|show|show me|give me|all|every|display|enumerate|what are the|which",
  did: "did you do|have you done|you did|have you changed|did you change|your actions|actions|what you did|been doing|have you been|did you restart|did you touch|did opsmedic do",
  restart: "restart|restarting|restarted|reboot|rebooting|reload|reloading|raising",
  diff: "diff|patch|difference|exactly",
  long: "come back|came back|recover|recovered|recovery|back online|back up again|mttr|how long|duration|took|downtime|out for|down for|how quickly|how fast",
  incident: "alert|alerts|alarm|alarms|ticket|tickets|escalation|escalations|incident|incidents",
  run: "run|runs",
  backup: "backup|backups|snapshot|snapshots",
  service: "service|services|targets|what do you watch",
  watch: "watch|watches|standing watch|watching|watched|keep an eye",
  audit: "audit|paused|pause|mode|resumed|resume",
  pattern: "pattern|patterns",
  playbook: "playbook|playbooks",
  now: "now|right now|currently|at the moment|just now|at present|today",
  do: "do",
  numbers: "latency|cpu|memory|disk|response time|usage|load|error rate|metric|metrics|connections",
  drag: "drag down|dragged|affected|impact|impacted|hit by|suffered|suffer|part of|took down|victims|knock on",
  help: "what can you|can i ask|help me|how do you work|what do you know",
  again: "and|what about|how about|what of",
} as const;

export type Concept = keyof typeof WORDINGS;

const single = new Map<string, Concept[]>();
const several: [string, Concept][] = [];
for (const [concept, wordings] of Object.entries(WORDINGS) as [Concept, string][]) {
  for (const wording of wordings.split("|")) {
    if (wording.includes(" ")) several.push([wording, concept]);
    else single.set(wording, [...(single.get(wording) ?? []), concept]);
  }
}
const vocabulary = [...single.keys()].filter((one) => one.length >= 4);

const CONTRACTIONS: readonly (readonly [RegExp, string])[] = [
  [/[’‘`]/g, "'"],
  [/\b(did|do|does|was|were|is|has|have|had|could|would|are)n'?t\b/g, "$1 not"],
  [/%/g, " percent "],
  [/\bgo-ahead\b/g, "go ahead"],
  [/\bcan'?t\b|\bcannot\b/g, "can not"],
  [/\bwon'?t\b/g, "will not"],
  [/\b(what|why|who|how|where|when|that|there|it)'?s\b/g, "$1 is"],
  [/\b(i|you|we|they)'(ve)\b/g, "$1 have"],
  [/\b(i|you|we|they)'(re)\b/g, "$1 are"],
  [/\bi'm\b/g, "i am"],
  [/\brollback\b/g, "roll back"],
  [/'s\b/g, ""],
];

/** Lower case, contractions written out, nothing but words and ids. */
export function wordsOf(text: string): string[] {
  let plain = text.toLowerCase();
  for (const [from, to] of CONTRACTIONS) plain = plain.replaceAll(from, to);
  return plain
    .replaceAll(/[^\p{L}\p{N}_#:.\-/ ]+/gu, " ")
    .split(/\s+/)
    .map((word) => word.replaceAll(/^[.:\-/#]+|[.:\-/#]+$/g, ""))
    .filter((word) => word !== "");
}

/** The known word that is nearest; of several as near, one where all mean the same. */
function meant(word: string): string | undefined {
  const [first, ...others] = nearest(word, vocabulary);
  const concepts = single.get(first ?? "") ?? [];
  const same = others.every((one) => single.get(one)?.some((concept) => concepts.includes(concept)));
  return same ? first : undefined;
}

/** What the words mean; `names` are words that name something already, and are never corrected. */
export function conceptsOf(words: readonly string[], names: ReadonlySet<string>): Set<Concept> {
  const corrected = words.map((word) => {
    if (names.has(word)) return word;
    return single.has(word) ? word : (meant(word) ?? word);
  });
  const found = new Set<Concept>();
  const text = ` ${corrected.join(" ")} `;
  for (const [wording, concept] of several) if (text.includes(` ${wording} `)) found.add(concept);
  for (const word of corrected) {
    if (names.has(word)) continue;
    for (const concept of single.get(word) ?? []) found.add(concept);
  }
  return found;
}
