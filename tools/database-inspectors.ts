// The inspectors of all databases, each made when it is first asked for: drivers are loaded only where one is used.
import type { Clock } from "../domain/clock.ts";
import type { Database } from "../domain/service.ts";
import type { DatabaseInspector, DatabaseInspectors } from "./database-inspector.ts";

/** `slowEveryMs`: how often tables, sequences and statements are read again; default a minute. */
export function makeDatabaseInspectors({
  clock,
  slowEveryMs,
}: {
  clock: Pick<Clock, "now">;
  slowEveryMs?: number;
}): DatabaseInspectors {
  const made = new Map<string, Promise<DatabaseInspector>>();
  const options = { now: () => clock.now(), ...(slowEveryMs !== undefined && { slowEveryMs }) };

  async function make({ kind, url }: Database): Promise<DatabaseInspector> {
    switch (kind) {
      case "postgres":
        return (await import("./postgres-inspector.ts")).makePostgresInspector(url, options);
      case "mysql":
        return (await import("./mysql-inspector.ts")).makeMysqlInspector(url, options);
      case "redis":
        return (await import("./redis-inspector.ts")).makeRedisInspector(url);
    }
  }

  return {
    of(database) {
      const key = `${database.kind} ${database.url}`;
      const inspector = made.get(key) ?? make(database).then(movingAlong);
      made.set(key, inspector);
      return inspector;
    },
    close() {
      for (const one of made.values()) void one.then((inspector) => inspector.close());
      made.clear();
    },
  };
}

/**
 * A connection that is kept stays with its server when the address moves to another one: whoever was the primary and
 * follows now is asked anew, over the address.
 */
function movingAlong<Inspector extends DatabaseInspector>(inspector: Inspector): Inspector {
  let led = false;
  return {
    ...inspector,
    async look(signal, onUnseen) {
      let now = await inspector.look(signal, onUnseen);
      if (led && now?.words.role === "replica") {
        inspector.close();
        now = await inspector.look(signal, onUnseen);
      }
      led = now?.words.role === "primary";
      return now;
    },
  };
}
