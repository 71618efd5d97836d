// The words in which people ask, by what they mean. A wording of several words is looked for first; other endings of a
// word, and mistakes of typing, need no wording of their own.

/** Concept → its wordings. */
export const WORDINGS = {
  why: "trigger|triggered|triggers|what gives|origin|due to|source of|behind|reason for|diagnosis|diagnose|why|how come|reason|cause|caused|causes|root cause|because of what|what made|what makes|behind it|behind this|explain|explanation|any idea|what is up with|what is wrong|what was wrong|what is the matter|the matter|what is going on|what went wrong|whats wrong|culprit|fault|blame|how did it come|for what reason|what for|what reason|cause of|root|what broke|what killed|what happened there|went south|what is happening with|what is up|because of|whose fault|to blame|responsible for|suspect|rca",
  slow: "takes long|take so long|lag|delay|delays|delayed|times out|timing out|degraded|performance|takes half|takes minutes|slow|slowly|slower|sluggish|laggy|lagging|crawling|crawls|takes so long|takes ages|takes forever|slowness|unresponsive|hanging around|snail|poor performance|bad performance|spinning|loading forever|loads forever|time out|timeouts|high latency|slowing|slowed|drags|dragging",
  down: "hiccup|hiccups|glitch|glitches|blip|break|breaks|breaking|bounced|not responding|crash loop|fell|down|dead|die|died|dies|dying|crash|crashes|crashed|crashing|broke|fail|failed|fails|failing|failure|failures|offline|unavailable|unreachable|outage|outages|out|hang|hangs|hung|hanging|killed|restarting|oom|stopped|gone|fall over|fell over|drag down|dragged|flapping|blow up|blew up|blown up|bomb|bombed|tank|tanked|explode|exploded|collapse|collapsed|croaked|kaput|toast|dropped|exit|exits|exited|exiting|terminated|freeze|froze|frozen|stuck|bounce|bouncing|disappeared|went away|go down|goes down|keeled over|shut down|blackout|incidents at",
  broken:
    "flaky|unstable|on fire|broken|wrong|problem|problems|trouble|issue|issues|unhealthy|not ok|bad|ill|sick|burning|red|failing now|bust|busted|borked|screwed|acting up|misbehave|misbehaves|misbehaving|weird|strange|odd|funny|wonky|messed up|headache|headaches|pain|painful|struggle|struggles|struggling|suffering|alarming|degraded|critical|in trouble|worried|worry|drama|noise|mess|fuss|commotion|havoc|chaos|fire|fires|alarm",
  happen:
    "timeline|post mortem|postmortem|history|rundown|events|event|chronology|sleep through|status report|happen|happened|happens|happening|occurred|occur|go on|went on|went wrong|summary|summarise|summarize|recap|overview|story|tell me about|catch me up|fill me in|news|did anything break|anything break|what did i miss|report|tldr|digest|debrief|wrap up|highlights|short version|what was it|what went on|miss|missed|incidents report|brief me|update me|recapitulate|retro|took place|go wrong|going wrong|bring me up to speed|up to speed|anything interesting|interesting|eventful|walk me through|talk me through|take me through|run me through|blow by blow|how was the|how were the|what was the night like|state of affairs|quiet night|quiet day|quiet weekend|quiet week|quiet evening",
  not: "nobody|no one|skipped|untouched|not|never|refuse|refused|without|stop|denied|deny|blocked|fail to|unsolved|unresolved|unfixed|still|refusing|hesitate|held back|hold back|give up|gave up|still not|no",
  fix: "dealt|deal|handle|handled|address|addressed|took care|take care|fix|fixed|fixes|fixing|repair|repaired|repairs|heal|healed|heals|healing|mend|resolve|resolved|solve|remedy|remedies|cure|sort|sorted|cured|intervene|patched|act on|take action|took action|solving|solution|workaround|fixed up|dealing",
  rolled:
    "rolled back|taken back|rollback|reverted|undid|undid it|undo your|took back|take it back|taken it back|back out|backed out|reverse|reversed|pulled back|changed back|rolling back|roll back your|not stick|not help|not last|no effect|in vain|not improve|made no difference|not work out|stop helping|fix not hold|did not hold",
  change:
    "touch|change|changed|changes|changing|modified|modify|edited|edit|edits|deploy|deployed|deploys|deployment|touched|altered|commit|different|modification|modifications|alteration|alterations|release|released|releases|rollout|upgrade|upgraded|update|updated|updates|config change|fiddle|fiddled|mess with|messed with|tweak|tweaked|push|pushed|merge|merged|changed anything|new version|adjusted|adjust",
  before:
    "before|prior|preceded|preceding|led to|leading|just before|right before|ahead of|earlier|previously|beforehand|prior to|shortly before|leading up|until then|in the past|the past",
  similar:
    "similar|alike|like this|something like|anything like|same thing|same problem|seen before|happened before|seen the|been here|have we seen|resembles|related|precedent|look like|remind|reminds|reminiscent|deja vu|kind of thing|this kind|seen it|seen that|seen this|seen something|comparable|same kind|same way|same issue|same error|same story|same as|sounds like|known problem|known issue|familiar|happened already|ever had|had this|had that|first time|twin|twins|resemble|analogous|repeat of",
  sure: "sure|certain|confident|confidence|certainty|convinced|on what grounds|grounds|trust|believe|positive|probability|likely|certainly|doubt|doubts|doubtful|credible|reliable is|safe bet|confirm that|how reliable|guess|guessing|guessed|your conclusion|score for",
  math: "arithmetic|math|maths|sum|calculation|calculate|calculated|compute|computed|score|points|addends|breakdown|add up|number come from|addend|numbers add|formula|weights|weighting|composed|made up of|tally|how did you arrive|come up with that|come from|comes from|came from|comes about|come to|arrive at|get to that|got to that",
  gate: "gate|verdict|decision|threshold|verdicts|policy|policies|rules say|guardrail",
  evidence:
    "evidence|proof|prove|proves|speaks for|spoke for|speaks against|spoke against|checks|facts|observations|what did you see|what makes you think|indicates|supports|supporting|contradict|contradicts|counter evidence|evidence against",
  rival:
    "what else|something else|other cause|other causes|alternative|alternatives|rival|rivals|hypotheses|hypothesis|could it have been|could it be|ruled out|another cause|another reason|other reason|other reasons|other explanation|other explanations|another explanation|different cause|different reason|other options|other possibilities|other theory|theories|possibilities|runner up|second guess|competing|plan b|alternatively|other candidates|candidates|anything else it|besides|apart from|aside from|other than that|might also|might have been|excluded|exclude|excludes|rule out|rules out",
  know: "were you right|was that right|you right about|mistaken|were you wrong|hold|how do you know|how can you tell|are you sure it|validated|validation|verified|verify|verifies|verification|validate|double check|double checked|really fixed|really healed|really gone|really ok|is it really|really solved|did it work|did that work|did it help|did that help|proof it|confirmed healed|sure it is fixed|sure it is gone|actually fixed|actually healed|correctly|test it|for good|fixed for good|did you test|you test|how did you check|stable again|still holding",
  waiting:
    "have to do|do i need to|need to do|anything for me|my turn|action needed|my decision|my approval|undecided|unapproved|blocked on me|to review|waiting|waits|wait|pending|open approvals|need to sign|sign off|need my|needs me|needs my|to approve|for approval|to decide|outstanding|my attention|blocking|block on me|blocked by me|my input|on me|for me to|me to|must i|i must|i should decide|must decide|need to decide|decide about|decisions open|open decisions|open decision|queue|todo|to do for me|on my plate|on my desk|my plate|expected from me|expect from me|human needed|needs a human|human input|need a human|need someone|need somebody|somebody needed|someone needed|person needed|sign something|for a human|stuck on|waiting on|waiting for|need me|needed from me|need from me|want from me|waiting room|am i needed|are we needed|anyone needed|for me|my job|up to me|do i have to|do we have to|does anyone have to|do i have|a decision|must act|has to act|should act|act on it",
  approve:
    "signed|go ahead|green light|greenlight|thumbs up|okayed|permission|authorised|authorized|clearance|approve|approved|approves|approval|approvals|signed off|said yes|accepted|accept|allowed|confirmed|ok to|gave the ok|gave ok|the ok|blessing|blessed|consent|consented|granted|grant|waved through|agreed|agree|confirm|confirmation|decided|decide|decides",
  reject:
    "reject|rejected|rejects|rejection|declined|said no|turned down|refused it|vetoed|disapproved|refused|refusal|refuses|blocked|blocking it|denied it|nope|say no|says no|shot down|stopped the|against it|overruled|said nope|disagreed|veto|vetoes",
  expire:
    "expire|expired|expires|timed out|nobody decided|deadline|ran out|too late|lapse|lapsed|nobody answered|unanswered|no answer in time|nobody reacted",
  who: "anyone|anybody|someone|somebody|who|whom|which human|which person|which people|who did|by whom|whoever|guy|which guy|which one of us|which colleague|colleague|whose|by which",
  learn:
    "learn|learned|learnt|learns|lesson|lessons|remember|remembered|memory of|takeaway|takeaways|insight|insights|know about|smarter|wiser|experience with|memorised|memorized",
  fill: "fill|fills|full|fill up|run out|runs out|running out|exhausted|exhaust|space left|be full|enough space|enough disk|capacity|forecast|predict|prediction|predicted|last until|fills up|filling|filling up|out of space|out of disk|out of memory|bigger disk|more disk|more space|more storage|disk space|storage|buy|order more|free space|enough room|room left|headroom|overflow|trend|projected|extrapolate|reach the limit|reaches the limit|hit the limit|will it last|last long|hold out|days left|hours left|time left|much longer|until full|left on|left over|still left",
  when: "when|how soon|what time|how much time|by when",
  mean: "mean|means|meaning|meant|stand for|stands for|what is the error|explain the error|definition|define|what is a|what is an|explain like|translate|interpret|in plain words|decode|what kind of error|significance",
  error:
    "error|errors|exception|exceptions|message|warning|warnings|stack trace|err|errs|fatals|fatal|traceback|stacktrace|complaint|complaints|complains|complaining|complain",
  log: "log|logs|logged|logging|lines|output|stdout|stderr|journal|tail|grep|spits|spit out|log file|loglines|log line",
  often:
    "recurring|recurs|recur|repeat|repeated|repeatedly|regularly|keeps|how often|how many times|how many|number of|count|how frequently|times|frequency|frequent|frequently|always|again and again|over and over|all the time|every time|counts|repeats|tally of|every day|daily|constantly|habit",
  well: "healthy|ok|okay|fine|well|up|alive|working|running|good|status|health|state|doing|alright|all right|green|sane|stable|in order|happy|safe|all good|cool|responding|reachable|online|survive|survived|doing well|feeling|calm|systems go|all clear|operational|humming|ready|relax|worry about|sleep well|go home",
  would:
    "plan|intend|intention|intending|would you|should i|should we|do you suggest|do you propose|do you recommend|suggest|suggestion|recommend|recommendation|propose|proposed|proposal|advice|next step|what now|do about|can be done|planned|going to do|tackle|how to fix|how do i fix|how can i fix|how would|what to do|how do we fix|how can we fix|to do about|should be done|can i do|can we do|could be done|do now|recommended|way out|approach|your idea|best course|next move|how should",
  undo: "put back|old config|old version|previous state|previous version|un do|undo|revert|roll back|take back|rewind|restore|go back|back out|undone|get back|go back to|unwind|old state|prior state|state before|as it was|get rid of your|cancel your|reverse your|back to how|back to the",
  how: "how",
  back: "back",
  worst:
    "least reliable|most unstable|worst|most incidents|most problems|most trouble|flakiest|noisiest|least stable|least healthy|most fragile|top offender|offender|offenders|biggest problem|biggest trouble|most headaches|most problematic|most often|most failures|most errors|most alerts|most pain|weakest|troublemaker|problem child|breaks most|fails most|crashes most|ranking|rank|most outages|most issues|most broken",
  percent: "percent",
  past: "did|was|were|had|have been|has been",
  best: "best|works best|most successful|most effective|works|work|help|helps|helped|success rate|successful|effective|useful|usually helps|usually works|track record|hit rate|best way|proven|reliably|reliable|dependable|promising|worked",
  list: "were there any|are there any|was there any|list|show|show me|give me|all|every|display|enumerate|what are the|which|print|overview of|which ones|what all",
  did: "did you do|have you done|you did|have you changed|did you change|your actions|actions|what you did|been doing|have you been|did you restart|did you touch|did opsmedic do|you performed|your interventions|interventions|intervention|your work|your doing|your changes|you touched|you touch|you changed|your activity|what were you up to|were you doing|did you intervene|you intervene|did you act|action taken|actions taken|steps taken|measures|taken measures|what was done|been done|was done|you applied|you executed|opsmedic done|did the bot|the bot do|operations you|your fix|your fixes|your repair|your repairs|your solution|your action|your step|your steps|done things|the robot|the bot|the agent do|the machine do|the tool do|the system do|how did you get|how did you bring|how did you solve|how did you fix|how did you heal|how did you repair|how did you handle|activity|activities|carried out|did you take|steps did|measures did",
  restart: "restart|restarting|restarted|reboot|rebooting|reload|reloading|raising|bounced",
  diff: "diff|patch|difference|line by line|before and after|what exactly|was altered|content of the change|precise change|exact change|changed lines|what lines|exactly what|show exactly|lines changed|line changed|line was|line is|typo|wrong value|which line|old versus new|old and new|side by side",
  long: "come back|came back|recover|recovered|recovery|back online|back up again|mttr|how long|duration|took|downtime|out for|down for|how quickly|how fast|since when|for how long|how much downtime|length|lasted|last for|how many minutes|how many hours|how many seconds|time to recover|time to heal|was back|be back|back to normal|get back up|mean time",
  incident:
    "alert|alerts|alarm|alarms|ticket|tickets|escalation|escalations|escalated|incident|incidents|outages|events of",
  run: "run|runs",
  backup: "backup|backups|snapshot|snapshots",
  service:
    "service|services|targets|what do you watch|system|systems|component|components|app|apps|application|applications",
  watch:
    "watch|watches|standing watch|watching|watched|keep an eye|early sign|early signs|warning sign|warning signs|watching for|watched for|alarm on|keep watch",
  audit:
    "audit|paused|pause|mode|resumed|resume|hold|on hold|switched|switch|turned off|turned on|maintenance|muted|silenced|disabled|enabled|freeze window|audit log|auto|automatic|manual|break glass",
  pattern: "pattern|patterns",
  playbook: "playbook|playbooks",
  now: "now|right now|currently|at the moment|just now|at present|today|meanwhile|this moment|this minute|as of now|these minutes|atm",
  do: "do",
  numbers:
    "latency|cpu|memory|disk|response time|usage|load|error rate|metric|metrics|connections|ram|percentage|throughput|rps|requests per second|p95|p99|utilisation|utilization|consumption|consume|consumes|using|uses|eat|eats|how fast does|how much cpu|how much memory|response times|qps|traffic|busy",
  drag: "drag down|dragged|affected|impact|impacted|hit by|suffered|suffer|part of|took down|victims|knock on|other services|take down|taken down|took others|collateral|collateral damage|cascade|cascaded|cascading|downstream|what else was|what else broke|what else went|blast radius|depended|domino|ripple|spread|infect|infected|consequence|consequences|knock on effect|victim|also down|fallout|involved|got hit|were hit|was hit|get hit|hit too|got affected|suffered from|hurt|harmed|any others|other victims|others affected|others hit|take others|others down|others too",
  help: "what can you|can i ask|help me|how do you work|what do you know|what are you|who are you|how can you help|what should i ask|how does this work|usage",
  again: "and|what about|how about|what of",
  other: "other|another|else|different|alternative|alternatively",
  idle: "let it|left it|leave it|let them|did nothing|do nothing|doing nothing|done nothing|stood by|sat there|looked away|you ignored|been ignored|was ignored|got ignored|were ignored|ignored it|not react|no reaction|not respond to|left alone|leave alone|hands off|not intervene|not help|not touch|sit idle",
  file: "yaml|yml|json|toml|ini|env|config file|configuration file|settings file|config|configs|configuration|configurations",
} as const;

export type Concept = keyof typeof WORDINGS | "code" | "symptom" | "whether";
