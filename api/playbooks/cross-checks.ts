// What no single value of a playbook shows: names that nothing has, weights that add up to too much, words of a log that
// are to tell a cause from its rivals.
import { TEXT_OBSERVATIONS } from "../../agents/confidence.ts";
import { ALLOW_FLOOR_BP } from "../../domain/policy.ts";
import type { Complaint } from "../config/complaints.ts";
import { nearest } from "../config/nearest.ts";
import type { UserPlaybook } from "./schema.ts";

export interface KnownNames {
  observations: readonly string[];
  actions: readonly string[];
  /** Ids of the shipped ones. */
  shipped: readonly string[];
  /** Ids of all that will be in force, this one too. */
  rivals: readonly string[];
}

/** The shipped ones reach 97 % at most: nothing is certain. */
const MOST_TOTAL_BP = 9_700;

export function playbookChecks(playbook: UserPlaybook, known: KnownNames): Complaint[] {
  return [
    ...identity(playbook, known),
    ...checksOf(playbook, known),
    ...fixesOf(playbook, known),
    ...predictions(playbook, known),
    ...placeholders(playbook),
    ...sums(playbook),
  ];
}

function identity({ id, replaces }: UserPlaybook, { shipped }: KnownNames): Complaint[] {
  if (replaces !== undefined && !shipped.includes(replaces)) {
    return [{ path: ["replaces"], message: unknown("shipped playbook", replaces, shipped) }];
  }
  if (shipped.includes(id) && replaces !== id) {
    return [
      {
        path: ["id"],
        message: `A shipped playbook has this id; write "replaces: ${id}" to take its place, or choose another id`,
      },
    ];
  }
  return [];
}

function checksOf({ id, checks }: UserPlaybook, known: KnownNames): Complaint[] {
  const ids = checks.map((one) => one.id);
  return checks.flatMap((check, at): Complaint[] => [
    ...(ids.indexOf(check.id) < at
      ? [{ path: ["checks", at, "id"], message: `The id "${check.id}" is used twice` }]
      : []),
    ...named(["checks", at, "observe"], "observation", check.observe, known.observations),
    ...expressions(["checks", at, "expect"], check.expect),
    ...check.discriminates.flatMap((rival, place): Complaint[] =>
      rival === id
        ? [{ path: ["checks", at, "discriminates", place], message: "It is no rival of itself" }]
        : named(["checks", at, "discriminates", place], "playbook", rival, known.rivals),
    ),
    ...(check.discriminates.length > 0 && TEXT_OBSERVATIONS.has(check.observe)
      ? [
          {
            path: ["checks", at, "discriminates"],
            message: `"${check.observe}" is made of words that the service wrote: it may support a cause, but not tell it from its rivals`,
          },
        ]
      : []),
  ]);
}

function fixesOf({ checks, fixes }: UserPlaybook, known: KnownNames): Complaint[] {
  const ids = checks.map((one) => one.id);
  return fixes.flatMap((fix, at): Complaint[] => [
    ...(fixes.findIndex((one) => one.class === fix.class) < at
      ? [{ path: ["fixes", at, "class"], message: `A fix of class "${fix.class}" comes before it` }]
      : []),
    ...fix.needs.flatMap((need, place) => named(["fixes", at, "needs", place], "check", need, ids)),
    ...(fix.class === "human" && fix.actions.length > 0
      ? [{ path: ["fixes", at, "actions"], message: "What a human does has no actions" }]
      : []),
    ...(fix.class !== "human" && fix.actions.length === 0
      ? [{ path: ["fixes", at, "actions"], message: 'A fix without actions is of class "human"' }]
      : []),
    ...fix.actions.flatMap((step, place): Complaint[] => [
      ...named(["fixes", at, "actions", place, "action"], "action", step.action, known.actions),
      ...Object.entries(step.params).flatMap(([name, source]): Complaint[] =>
        "from" in source && !fix.needs.includes(source.from)
          ? [
              {
                path: ["fixes", at, "actions", place, "params", name, "from"],
                message: `What a parameter comes from must be needed: add "${source.from}" to needs`,
              },
            ]
          : [],
      ),
    ]),
  ]);
}

function predictions({ predicts }: UserPlaybook, { observations }: KnownNames): Complaint[] {
  return predicts.flatMap((one, at) => [
    ...named(["predicts", at, "observe"], "observation", one.observe, observations),
    ...expressions(["predicts", at, "expect"], one.expect),
  ]);
}

function placeholders({ cause, checks, fixes }: UserPlaybook): Complaint[] {
  const ids = checks.map((one) => one.id);
  const texts: [Complaint["path"], string][] = [
    [["cause"], cause],
    ...fixes.map(({ title }, at): [Complaint["path"], string] => [["fixes", at, "title"], title]),
  ];
  return texts.flatMap(([path, text]) =>
    [...text.matchAll(/\{([a-z0-9-]+)/g)].flatMap(([, id = ""]) => named(path, "check", id, ids)),
  );
}

/** Where something is done, no single check may carry a cause over the gate, and no sum may pretend to certainty. */
function sums({ prior, checks, fixes }: UserPlaybook): Complaint[] {
  const total = prior + checks.reduce((sum, one) => sum + one.weight, 0);
  const acts = fixes.some((one) => one.class !== "human");
  return [
    ...(total > MOST_TOTAL_BP
      ? [
          {
            path: ["checks"],
            message: `The prior and all weights give ${total}; more than ${MOST_TOTAL_BP} nobody can know`,
          },
        ]
      : []),
    ...checks.flatMap((one, at): Complaint[] =>
      acts && prior + one.weight >= ALLOW_FLOOR_BP
        ? [
            {
              path: ["checks", at, "weight"],
              message: `With the prior it reaches ${prior + one.weight}: one check alone must stay below ${ALLOW_FLOOR_BP}`,
            },
          ]
        : [],
    ),
  ];
}

function expressions(path: Complaint["path"], expect: UserPlaybook["checks"][number]["expect"]): Complaint[] {
  if (!("matches" in expect)) return [];
  return isExpression(expect.matches)
    ? []
    : [{ path: [...path, "matches"], message: "This is no regular expression" }];
}

function isExpression(text: string): boolean {
  try {
    return new RegExp(text, "i") instanceof RegExp;
  } catch {
    return false;
  }
}

function named(path: Complaint["path"], kind: string, name: string, known: readonly string[]): Complaint[] {
  return known.includes(name) ? [] : [{ path, message: unknown(kind, name, known) }];
}

function unknown(kind: string, name: string, known: readonly string[]): string {
  const near = nearest(name, known);
  return `There is no ${kind} "${name}"${near === undefined ? "" : `; did you mean "${near}"?`}`;
}
