// A question as plain words: lower case, contractions and the short spellings of chats written out.

const SHORT: Readonly<Record<string, string>> = {
  u: "you",
  ya: "you",
  ur: "your",
  urself: "yourself",
  y: "why",
  r: "are",
  pls: "please",
  plz: "please",
  plse: "please",
  thx: "thanks",
  rn: "right now",
  atm: "right now",
  asap: "now",
  b4: "before",
  cuz: "because",
  coz: "because",
  bc: "because",
  smth: "something",
  sth: "something",
  smt: "something",
  sb: "somebody",
  sm1: "someone",
  ppl: "people",
  wat: "what",
  wut: "what",
  wht: "what",
  whats: "what is",
  wats: "what is",
  whos: "who is",
  hows: "how is",
  wheres: "where is",
  whens: "when is",
  thats: "that is",
  theres: "there is",
  im: "i am",
  ive: "i have",
  youve: "you have",
  youre: "you are",
  wanna: "want to",
  gonna: "going to",
  gotta: "have to",
  hafta: "have to",
  lemme: "let me",
  gimme: "give me",
  dunno: "do not know",
  didnt: "did not",
  dont: "do not",
  doesnt: "does not",
  wasnt: "was not",
  werent: "were not",
  isnt: "is not",
  arent: "are not",
  hasnt: "has not",
  havent: "have not",
  couldnt: "could not",
  cant: "can not",
  wont: "will not",
  srsly: "seriously",
  prob: "problem",
  probs: "problems",
  svc: "service",
  svcs: "services",
  cfg: "config",
  conf: "config",
  prev: "previous",
  msg: "message",
  msgs: "messages",
  mem: "memory",
  info: "information",
  abt: "about",
  vs: "versus",
  w: "with",
  thru: "through",
  tmrw: "tomorrow",
  yest: "yesterday",
  ystrday: "yesterday",
  mon: "monday",
  tue: "tuesday",
  tues: "tuesday",
  wed: "wednesday",
  thu: "thursday",
  thur: "thursday",
  thurs: "thursday",
  fri: "friday",
  sat: "saturday",
  sun: "sunday",
  mins: "min",
  hrs: "hours",
  hr: "hour",
};

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
  // A file is of the service that it is named after.
  [/(?:[\w-]+\/)*([\w-]+)\.(ya?ml|json|toml|ini|env)\b/g, "$1 $2"],
  [/\b([45]\d\d)s\b/g, "$1"],
  [/\b(\d{1,2})h(\d{2})\b/g, "$1:$2"],
  // "sooo", "pleeease": no English word has a letter three times.
  [/([a-z])\1{2,}/g, "$1"],
];

/** Lower case, contractions written out, nothing but words and ids. */
export function wordsOf(text: string): string[] {
  let plain = text.toLowerCase();
  for (const [from, to] of CONTRACTIONS) plain = plain.replaceAll(from, to);
  return plain
    .replaceAll(/[^\p{L}\p{N}_#:.\-/ ]+/gu, " ")
    .split(/\s+/)
    .map((word) => word.replaceAll(/^[.:\-/#]+|[.:\-/#]+$/g, ""))
    .flatMap((word) => (Object.hasOwn(SHORT, word) ? (SHORT[word] ?? word).split(" ") : [word]))
    .filter((word) => word !== "");
}

/** Words of every sentence: they name nothing, and are no mistake for another word. */
export const ORDINARY: ReadonlySet<string> = new Set(
  (
    "a an the and or of to in on at for from with by is are was were be been being do does did done has have had you i we " +
    "me my our your it its this that these those there here what why how when who which where can could would should will " +
    "shall may might must not no yes please so just any anything something some all about as if then than ever still up " +
    "last week today yesterday night morning since now tell show give get say lately recently he she they them him her his " +
    "us one ones only also too very much many more most less own same such into onto over under after while during again " +
    "yet already really actually even exactly ok hey hi hello thanks thank got gets getting go goes going went come comes " +
    "came make makes made take takes took taken put let lets want wants need needs needed like look looks see seen say says " +
    "said know knows think thought mean find found keep kept use used call called think guy guys man dude bro sir boss " +
    "thing things stuff way time times day days hour hours minute minutes monday tuesday wednesday thursday friday saturday " +
    "sunday both each either other others another whole every everything everyone nothing none nobody somebody someone " +
    "anyone everybody out off down back between until till because though but however maybe perhaps kind sort bit lot lots " +
    "right left first second next new old good bad big small long short high low am pm percent around within without " +
    "against through per via yourself myself itself own through seriously quickly quick soon always never usually often " +
    "sometimes once twice two three four five part side place point case fact work works working tried try trying happen " +
    "around people team human person customers users user wait check currently evening afternoon tonight weekend month year " +
    "january february march april june july august september october november december lunch midnight noon opsmedic " +
    "seem seems seemed seeming appear appears bring brings brought become becomes turn turns turned leave leaves move moved " +
    "hold holds stand stands follow follows lead leads stay stays remain remains pass passed read ask asks asked told answer " +
    "answers talk talked speak hear heard care play feel feels felt believe hope wish hit hits start started starts begin " +
    "began begun end ended ends finish finished continue whenever wherever whatever whichever word words sentence sentences " +
    "short briefly brief simple simply exact clear clearly please number numbers name names real truly possible possibly " +
    "shop platform production prod stack infrastructure landscape environment truly feet " +
    "certain sudden suddenly big huge major minor total entire full half quite rather pretty fairly almost nearly across " +
    "along behind below above near away ahead else instead without unless whether myself matter point versus"
  ).split(" "),
);

/** "verify", "verified", "verifying" and "verification" have the same one. At least four letters. */
export function rootOf(word: string): string {
  for (const [ending, instead] of ENDINGS) {
    if (!word.endsWith(ending)) continue;
    const root = word.slice(0, word.length - ending.length) + instead;
    if (root.length >= 4) return undoubled(root);
  }
  return word;
}

const ENDINGS: readonly (readonly [string, string])[] = (
  "ifications:ify ification:ify ations: ation: itions: ition: ements: ement: ments: ment: sions: sion: tions:t tion:t ings: ing: " +
  "ied:y ies:y ers: er: ed: es: ly: s: e:"
)
  .split(" ")
  .map((one) => one.split(":") as [string, string]);

const undoubled = (root: string): string => root.replace(/([bdgmnprt])\1$/, "$1").replace(/e$/, "");
