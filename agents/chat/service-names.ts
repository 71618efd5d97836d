// Which services a question names: exactly, in the plural, with a typing mistake, by a part of the name ("the orders
// database" for orders-db), or by what they are ("the database" where there is only one).
import { distance, allowed } from "./near.ts";

/** Other words for a part of a name. */
const SAME: Readonly<Record<string, readonly string[]>> = {
  db: ["database", "postgres", "postgresql", "mysql", "mariadb", "dbs", "databases"],
  database: ["db", "databases"],
  postgres: ["database", "db", "postgresql", "pg"],
  mysql: ["database", "db", "mariadb"],
  cache: ["redis", "caches"],
  redis: ["cache"],
  web: ["website", "frontend", "webserver", "site"],
  mailer: ["mail", "email", "mails"],
  mail: ["mailer", "email"],
  worker: ["workers", "job", "jobs"],
  payments: ["paid"],
  svc: ["service"],
  api: ["backend"],
};

export interface NamedServices {
  services: string[];
  /** The words that named them. */
  words: ReadonlySet<string>;
}

/** Never guesses between two: "the database" names nothing where there are two of them. */
export function servicesNamed(words: readonly string[], known: readonly string[]): NamedServices {
  const used = new Set<string>();
  const found = new Set<string>();
  const take = (service: string, ...by: string[]): void => {
    found.add(service);
    for (const word of by) used.add(word);
  };
  const text = ` ${words.join(" ")} `;
  // Longer names first: "orders-db" is not "orders" and "db".
  for (const service of [...known].sort((a, b) => b.length - a.length)) {
    const spelled = [service, service.replaceAll(/[-_.]/g, " "), service.replaceAll(/[-_.]/g, "")].map(
      (one) => one.toLowerCase(),
    );
    const as = spelled.find((one) => text.includes(` ${one} `) || text.includes(` ${one}s `));
    if (as === undefined) continue;
    const parts = as.split(" ");
    if (parts.every((one) => used.has(one))) continue;
    take(service, ...parts, `${as}s`);
  }
  for (const [index, word] of words.entries()) {
    if (used.has(word)) continue;
    const two = `${word} ${words[index + 1] ?? ""}`;
    const byParts = known.filter((one) => partsFit(one, two));
    if (byParts.length === 1 && byParts[0]) {
      take(byParts[0], word, words[index + 1] ?? "");
      continue;
    }
    const one = misspelt(word, known) ?? onlyOne(known, word);
    if (one !== undefined) take(one, word);
  }
  return { services: [...found], words: used };
}

/** "orders database" for "orders-db", "order db", too. */
function partsFit(service: string, two: string): boolean {
  const parts = service.toLowerCase().split(/[-_.]/);
  const given = two.split(" ");
  return parts.length === 2 && parts.every((part, index) => isMeant(given[index] ?? "", part));
}

function isMeant(word: string, part: string): boolean {
  if (word === part || word === `${part}s` || `${word}s` === part) return true;
  if (SAME[part]?.includes(word)) return true;
  return part.length >= 5 && distance(word, part, 2) <= allowed(part);
}

const bare = (name: string): string => name.toLowerCase().replaceAll(/[-_.]/g, "");

function misspelt(word: string, known: readonly string[]): string | undefined {
  if (word.length < 4 || COMMON.has(word)) return undefined;
  const close = known.filter((one) => {
    const name = bare(one);
    const given = bare(word);
    // A short word that is one letter away is more often another word than a mistake.
    return (
      name.length >= 5 && Math.min(distance(given, name, 2), distance(given, `${name}s`, 2)) <= allowed(name)
    );
  });
  return close.length === 1 ? close[0] : undefined;
}

/** "paying", "payment" and "payments" have the same one. */
function root(word: string): string {
  const short = word.replace(/(ments?|ings?|ers?|ed|es|s)$/, "");
  return short.length >= 3 ? short : word;
}

/** By one part of the name, or another word for it, where only one service has such a part. */
function onlyOne(known: readonly string[], word: string): string | undefined {
  if (word.length < 2 || COMMON.has(word)) return undefined;
  const having = known.filter((one) =>
    one
      .toLowerCase()
      .split(/[-_.]/)
      .some((part) => word === part || root(word) === root(part) || SAME[part]?.includes(word)),
  );
  return having.length === 1 ? having[0] : undefined;
}

/** Words of questions that are never a service by likeness alone. */
const COMMON: ReadonlySet<string> = new Set(
  "works work worked working watch catch check checked checks error errors search's should would could there where which what when order ordered".split(
    " ",
  ),
);
