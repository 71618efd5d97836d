// How long a session of MySQL lies unused until it may be ended, and whose sessions never are.

/** In a transaction, one of many of a client that fills the server: who works commits within moments. */
export const parkedForMs = 2_000;
/**
 * In a transaction that others wait for: it may be the last one of a client that is otherwise well. They are noticed after
 * five seconds, of which MySQL tells whole ones, rounded up for who waits and down for who sleeps.
 */
export const blocksForMs = 4_000;
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
