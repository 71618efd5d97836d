// What different programs and people call the same thing. A word or phrase of a group stands for the group's concept,
// in what is stored and in what is asked alike, so that "ran out of ram" and "Cannot allocate memory" meet.
// General knowledge of operations; nothing here names a single case.

/** Each line is one concept: its name, then words and phrases. With "!" it tells that something is wrong. */
const groups: readonly string[] = [
  // ── programs ──
  "postgres: postgres, postgresql, pg, pq, psql, psycopg, psycopg2, asyncpg, pgx, npgsql, pgbouncer, wal, vacuum",
  "mysql: mysql, mariadb, mysqld, mariadbd, pymysql, mysql2, innodb, mysqladmin, binlog, ibdata",
  "redis: redis, valkey, jedis, ioredis, lettuce, sentinel, rdb, aof",
  "kafka: kafka, kafkajs, zookeeper, partition leader",
  "rabbitmq: rabbit, rabbitmq, amqp",
  "search-engine: elasticsearch, elastic, opensearch, lucene, indices",
  "object-store: s3, bucket, minio, botocore, putobject, getobject, object store",
  "proxy: nginx, haproxy, envoy, traefik, apache, proxy, gateway, load balancer, ingress",
  "container: container, docker, pod, kubelet, kubernetes, runc, oci, containerd, podman, compose",
  "javascript: node, nodejs, javascript, v8, npm, typescript",
  "java: java, jvm, jdk, javax, hotspot, tomcat, catalina",
  "python: python, gunicorn, django, celery, uvicorn, traceback",
  "php: php, fpm",
  "mail: mail, email, smtp, mailer, postfix, newsletter",
  "s-database: database, db, postgres, postgresql, mysql, mariadb, sql, jdbc, psql",
  // ── what happens ──
  "!crash: crash, die, died, dead, dies, fall over, fell over, go down, goes down, went down, abort, ended by itself",
  "end: terminate, terminated, exit, exited, ended, stopped",
  "!killed: kill, killed, sigkill, oomkilled",
  "!loop: restart loop, crash loop, crashloop, crashloopbackoff, back off, backoff, flap, endlessly, keep restart, over and over, again and again, start request repeat",
  "restart: restart, reboot, start again",
  "!hang: hang, hung, freeze, frozen, froze, stuck, stall, unresponsive, deadlock, not respond, not answer, no answer, does not respond, doesn t answer",
  "block: block, lock, wait, hold up, held, queue behind",
  "!slow: slow, sluggish, latency, take forever, takes forever, takes ages, take long, lag, behind, delay, late",
  "!full: full, fill, filled, exhaust, used up, use up, run out, ran out, none left, no space, no room, limit reach, reach limit, maximum, too many, exceed, saturate, out of",
  "!refuse: refuse, reject, deny, denied, decline, forbid, forbidden, disallow, not allow, isn t allow, not accept, doesn t accept, not permitted, unauthorized",
  "!timeout: timeout, time out, timed out, deadline, give up, gave up, read timed out, etimedout",
  "!missing: missing, not found, no such, cannot find, can t find, couldn t find, unknown, does not exist, doesn t exist, not exist, undefined, enoent, forgot, not set, lack",
  "!expired: expire, expiry, ran out, run out, outdated, not yet valid, validity",
  "!wrong: wrong, invalid, bad, incorrect, illegal, malformed, broken, unexpected, misspell, typo",
  "!drop: connection abort, drop, reset, closed, cut, hang up, hangup, broken pipe, epipe, econnreset, gone away, lost connection, connection lost, aborted connection, interrupted",
  "!overload: overload, saturate, traffic, busy, capacity, too much load, high load",
  "!grow: grow, grew, grown, growing, climb, rise, rose, increase, pile up, leak, goes up, never free, eats",
  "!retry: retry, retries, attempt, repeat, again and again, requeue, redeliver",
  "!behind: lag, behind, backlog, pile up, waiting, pending, stale, old data, late",
  "!failure: fail, break, broke, unreachable, unavailable, not ready, did not run, failure, unable, cannot, can t, couldn t, doesn t, won t, isn t, problem, broken, not work, outage, corrupt, damage, alarm",
  // ── what it happens to ──
  "memory: memory, ram, oom, heap, swap, rss, outofmemory",
  "!oom: oom, oomkilled, out of memory, outofmemoryerror, memory limit, cgroup, #137",
  "heap: heap, old space, garbage collect, gc, allocation fail, outofmemoryerror, xmx",
  "disk: disk, storage, volume, partition, drive, filesystem, file system, space, enospc, df",
  "!no-space: no space left, enospc, disk full, full disk, out of space, disk is full, volume full, errno 28, #28, not enough space",
  "inode: inode, iuse, ifree, small file",
  "!readonly: read only, readonly, erofs, ro, can t write, cannot write, only read, nothing can be written",
  "!hardware: io error, i o error, bad sector, hardware, smart, medium error, drive fail, disk fail",
  "cpu: cpu, core, processor, load average, busy loop, spin, soft lockup",
  "descriptor: descriptor, file handle, open file, emfile, nofile, ulimit",
  "thread: thread, fork, pthread, nproc, pids, child process",
  "socket: socket, connection, port, tcp",
  "!port-used: address already in use, eaddrinuse, port in use, already in use, already listen, port is taken, already allocated",
  "certificate: certificate, cert, x509, ssl, tls, https, letsencrypt, let s encrypt, certbot, acme, pkix",
  "!trust: trust, self signed, unknown authority, ca, certificate chain, issuer, leaf signature, certification path, verify the first",
  "dns: server misbehaving, dns, resolve, name resolution, getaddrinfo, enotfound, eai again, nameserver, lookup, unknown host, unknownhostexception, hostname, gaierror",
  "network: network, route, firewall, unreachable, ehostunreach, enetunreach, vpn, host unreachable",
  "!connection-refused: connection refused, econnrefused, failed to connect, can t connect, cannot connect, nothing listens, not running",
  "login: login, log in, auth, authentication, authenticate, password, credential, wrongpass, noauth, access denied, api key, access key, secret key, token",
  "permission: permission, eacces, access denied, not allowed to write, owner, chown, selinux, accessdenied",
  "image: image, tag, manifest, pull, registry",
  "command: command, entrypoint, executable, exec format, start script, architecture",
  "config: config, configuration, setting, yaml, json, toml, directive, option, parameter, flag",
  "variable: environ, getenv, process env, environment variable, env var, variable, placeholder, env",
  "syntax: syntax, parse, unexpected token, unexpected end, mapping value, scanner, decode error, jsondecodeerror, typo, edit",
  "deploy: deploy, release, rollout, new version, upgrade, ship",
  "module: module, package, import, class not found, classnotfound, noclassdef, dependency missing",
  "library: shared library, shared object, libc, glibc, so file, extension",
  "schema: schema, migration, migrate, column, table, relation",
  "clock: clock, ntp, chrony, system time, time drift, skew, tooskewed, out of sync, wrong time, timesyncd",
  "!rate-limit: rate limit, ratelimit, throttle, throttling, too many request, quota, rate exceed, call too often, too often, retry after, #429",
  "!server-error: internal server error, service unavailable, outage, #500, #503, provider down",
  "!bad-gateway: bad gateway, prematurely closed, #502",
  "!gateway-timeout: gateway timeout, gateway time out, #504",
  "health: unhealthy, healthcheck, health check, probe, readiness, liveness",
  "pool: pool, hikari, queuepool, prisma",
  "transaction: transaction, commit, rollback",
  "!deadlock: deadlock, wait for each other",
  "lock: lock, metadata lock, row lock, exclusivelock, sharelock, lock wait",
  "slow-query: slow query, sequential scan, seq scan, full table scan, whole table, missing index, index, row examined, rows examine, statement timeout, query time",
  "dead-rows: vacuum, dead tuple, dead but not, bloat, autovacuum",
  "replica: replica, replication, slave, standby, follower, failover, primary, master",
  "upload: upload, body, payload, entity too large, too large, too big, big file",
  "browser: browser, cors, allowed origin, from origin, cross origin, same origin, frontend",
  "shutdown: shutdown, shut down, sigterm, graceful, stop sigterm, grace period",
  "!segfault: segfault, segmentation, sigsegv, core dump, #139, signal 11",
  "null: null, nil, undefined, none, nullpointer, nullreference, noneType, nonetype",
  "!uncaught: reference error, type error, attribute error, index out of range, out of bound, uncaught, unhandled, panic, exception in thread",
  "queue: queue, job, message, consumer, worker, backlog, dead letter",
  "!dead-letter: dead letter, poison, dlq, undeliverable, same message, broken message, delivery fail",
  "schedule: cron, schedule, nightly, timer, did not run, last succeed, backup job",
  "snapshot: snapshot, bgsave, rdb, persist, misconf, save",
  "circuit: circuit breaker, circuitbreaker, breaker",
];

/** Words that tell of trouble, whatever it is: a level, a denial, a complaint. They are no terms of the search. */
const trouble =
  "error, err, exception, fatal, emerg, critical, severe, panic, alert, warn, warning, not, no, cannot, can t, couldn t, doesn t, don t, isn t, won t, " +
  "aren t, wasn t, without, unable, never, nothing, nobody, too, overdue, why, dead, down, unhealthy, must, conflict, behind, exceed, above, expected, " +
  "unexpected, block, deadlock, wait, kill, skew, drift, syntax, stuck, undefined, null, nil, forget, wrong, bad, refuse, abort, lost, violate, misbehave";

/** Words, in just this form, by which programs tell that something went well. */
const calm: ReadonlySet<string> = new Set(
  (
    "info debug notice trace success successful successfully succeeded ok okay done complete completed finish finished ready healthy started " +
    "initialised initialized listening accepted accept connected opened loaded reloaded reloading renewed synchronised synchronized synced released committed " +
    "sent delivered updated changed created joined mounted caught resumed enabled switched picked pulled imported applied scaled rotated " +
    "refreshed uploaded paid empty valid parsed green stabilised stabilized warmed resolved granted returned received saved registered passed " +
    "selected processed stored indexed cleaned restored verified installed built deployed"
  ).split(" "),
);

/** `words` in lower case, as they stand in the text. */
export const tellsOfSuccess = (words: readonly string[]): boolean => words.some((word) => calm.has(word));

interface Lexicon {
  /** Stems of a phrase, joined by a space → concepts. */
  phrases: ReadonlyMap<string, readonly string[]>;
  trouble: ReadonlySet<string>;
  /** What longer phrases begin with: where it does not, nobody need look on. */
  beginnings: ReadonlySet<string>;
}

/** Concepts that tell that something is wrong. */
export const failureConcepts: ReadonlySet<string> = new Set(
  groups.filter((one) => one.startsWith("!")).map((one) => one.slice(1, one.indexOf(":"))),
);

let lexicon: Lexicon | undefined;

/** `toStems` as terms.ts does it, so that phrases meet what they are compared with. Built at the first need. */
export function lexiconOf(toStems: (text: string) => readonly string[]): Lexicon {
  lexicon ??= build(toStems);
  return lexicon;
}

function build(toStems: (text: string) => readonly string[]): Lexicon {
  const phrases = new Map<string, string[]>();
  const beginnings = new Set<string>();
  function keysOf(list: string): string[] {
    return list.split(", ").flatMap((phrase) => {
      const stems = toStems(phrase);
      for (let end = 1; end < stems.length; end += 1) beginnings.add(stems.slice(0, end).join(" "));
      return stems.length === 0 ? [] : [stems.join(" ")];
    });
  }
  for (const group of groups) {
    const [mark = "", list = ""] = group.split(": ");
    const name = mark.replace("!", "");
    for (const key of keysOf(list)) phrases.set(key, [...new Set([...(phrases.get(key) ?? []), name])]);
  }
  return { phrases, trouble: new Set(keysOf(trouble)), beginnings };
}
