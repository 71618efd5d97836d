// Which cases a question about one kind of target leaves out. Kinds say how something runs (docker, process) or what it
// is (postgres, redis); a database in a container is of both sorts, and a case has one kind only.

const runtimes = ["docker", "process", "none"];
const programs = ["postgres", "mysql", "redis", "mongodb", "http"];

/** Kinds whose cases do not help with a target of this kind. Unknown kinds leave out nothing of their own sort. */
export function otherKinds(kind: string): string[] {
  if (runtimes.includes(kind)) return runtimes.filter((one) => one !== kind);
  return kind === "any" ? [] : [...runtimes, ...programs].filter((one) => one !== kind);
}
