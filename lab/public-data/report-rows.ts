// The rows of the page about public data: which figure of the scorer, which bar, and what peers reach.

/** By the scorer's name of a result ("nab/standard threshold 0.5") its figures by name. */
export type Figures = ReadonlyMap<string, ReadonlyMap<string, number>>;

export interface Row {
  what: string;
  /** The scorer's name of the result. */
  result: string;
  figures: readonly string[];
  bar: string;
  stretch: string;
  peers: string;
}

export const rows: readonly Row[] = [
  {
    what: "log templates, message: GA / FGA",
    result: "loghub2k/content MEAN",
    figures: ["ga", "fga"],
    bar: ".90 / .85",
    stretch: ".97 / .94",
    peers:
      "here: Brain, tuned per system, .986 / .941; Drain, tuned per system, .885 / .809; Drain3, one setting, .845 / .788",
  },
  {
    what: "log templates, raw lines: GA / FGA",
    result: "loghub2k/raw MEAN",
    figures: ["ga", "fga"],
    bar: ".80 / .75",
    stretch: ".92 / .90",
    peers: "here: Drain3 with masks .314 / .428",
  },
  {
    what: "template text: PA / FTA",
    result: "loghub2k/content MEAN",
    figures: ["pa", "fta"],
    bar: ".50 / .50",
    stretch: ".60 / .60",
    peers: "here, PA: Drain .473, Drain3 .459, Brain .408",
  },
  {
    what: "speed of templates, messages, lines a second",
    result: "speed/content",
    figures: ["lines"],
    bar: "150,000",
    stretch: "400,000",
    peers: "here: Drain3 8,300",
  },
  {
    what: "speed of templates, raw lines, lines a second",
    result: "speed/raw",
    figures: ["lines"],
    bar: "150,000",
    stretch: "400,000",
    peers: "here: Drain3 11,600",
  },
  {
    what: "clusters of errors: V / ARI",
    result: "errors-mixed",
    figures: ["v", "ari"],
    bar: ".97 / .90",
    stretch: ".99 / .97",
    peers: "here: Drain3 .983 / .957; TF-IDF and DBSCAN .953 / .836",
  },
  {
    what: "anomalies: NAB standard score, threshold 0.5",
    result: "nab/standard threshold 0.5",
    figures: ["score"],
    bar: "60",
    stretch: "72",
    peers:
      "here, each at its best threshold: ARTime 75.1, CAD-OSE 70.9, Numenta HTM 70.7, random cut forest 52.0",
  },
  {
    what: "CPU 15 minutes ahead: skill / interval score",
    result: "planetlab-cpu",
    figures: ["skill_last", "interval"],
    bar: ".26 / 30",
    stretch: ".30 / 28",
    peers: "median of the last 12: about .25",
  },
  {
    what: "pods 15 minutes ahead, CPU: skill",
    result: "cpu",
    figures: ["skill_last"],
    bar: ".29",
    stretch: ".35",
    peers: "median of the last 12: about .29",
  },
  {
    what: "pods 15 minutes ahead, memory: skill",
    result: "mem",
    figures: ["skill_last"],
    bar: ".15",
    stretch: ".22",
    peers: "median of the last 12: about .15",
  },
  {
    what: "M4 hourly: OWA (lower is better)",
    result: "m4-hourly",
    figures: ["owa"],
    bar: ".52",
    stretch: ".45",
    peers: "published: Doornik .410, Smyl (winner) .440, seasonal naive .627",
  },
  {
    what: "when a limit is reached: capped error / F1",
    result: "crossing",
    figures: ["mae_capped", "f1"],
    bar: "6.7 / .77",
    stretch: "6.0 / .82",
    peers: "Theil-Sen slope 6.7 / .77; line fit 9.4 / .67",
  },
  {
    what: "PetShop, root cause: AC@1 / AC@3",
    result: "petshop",
    figures: ["ac1", "ac3"],
    bar: ".50 / .85",
    stretch: ".65 / .95",
    peers: "here: traversal .438 / 1; largest robust z .375 / .750",
  },
  {
    what: "TrainTicket, root cause: AC@1 / AC@3",
    result: "trainticket",
    figures: ["ac1", "ac3"],
    bar: ".65 / .85",
    stretch: ".88 / .96",
    peers: "published, other cases too: Nezha .867 / .978, MicroRCA .200 / .311",
  },
  {
    what: "TrainTicket: of those acted on at 0.8 or more, right",
    result: "trainticket",
    figures: ["acts_80_right"],
    bar: ".90",
    stretch: ".97",
    peers: "none known",
  },
];

/** The scorer prints one line a result: its name, then "figure value" pairs, then the seconds in brackets. */
export function figuresIn(text: string): Figures {
  const all = new Map<string, Map<string, number>>();
  // "trainticket" has a line for its kind "cpu", too; the pods' comes first.
  for (const line of text.split("\n")) {
    const speed = /^(speed\/\w+) .*: (\d+) lines a second$/.exec(line.replace(/\s+/g, " ").trim());
    const [, name = "", rest = ""] =
      /^\s*(\S+(?: (?:MEAN|threshold [\d.]+|best threshold))?)\s+(.*)$/.exec(line) ?? [];
    if (speed) all.set(speed[1] ?? "", new Map([["lines", Number(speed[2])]]));
    else if (!all.has(name)) all.set(name, pairsIn(rest));
  }
  return all;
}

function pairsIn(text: string): Map<string, number> {
  const pairs = [...text.matchAll(/([a-z]\w*) (-?[\d.]+)(?=\s|$)/g)];
  return new Map(pairs.map(([, name = "", value]) => [name, Number(value)]));
}

export function shown({ result, figures }: Row, all: Figures): string {
  return figures
    .map((name) => {
      const value = all.get(result)?.get(name);
      if (value === undefined) return "not measured";
      return value >= 100 ? value.toLocaleString("en") : String(Math.round(value * 1_000) / 1_000);
    })
    .join(" / ");
}
