// How long a session of MySQL lies unused until it may be ended, and whose sessions never are.

/** In a transaction: what it holds, others wait for. */
export const parkedForMs = 5_000;
/** Without one it takes a place only. */
export const idleForMs = 60_000;

/** Whoever may end others, and what the server does for itself. */
const OWN_USERS = ["", "root", "system user", "event_scheduler"];

export function neverEnded(
  administrators: Iterable<string>,
  protectRoles: readonly string[] = [],
): Set<string> {
  return new Set([...OWN_USERS, ...administrators, ...protectRoles]);
}

/** The user in 'user'@'host'. */
export function userOf(grantee: string): string {
  return /^'(.*)'@'[^']*'$/.exec(grantee)?.[1] ?? grantee;
}
