// A process of its own for tests: does one thing with the embedded store, says so on stdout, and stays until killed.
// Arguments: "lock PATH" | "hold FOLDER" | "write FOLDER" (prints the number of each row once it is acknowledged).
import { openPglite } from "../../knowledge/pglite-db.ts";
import { lockStore } from "../../knowledge/store-lock.ts";
import { codeOf } from "../../knowledge/store-errors.ts";

const [task, path = ""] = process.argv.slice(2);

function say(line: string): Promise<void> {
  return new Promise((resolve) => {
    process.stdout.write(`${line}\n`, () => resolve());
  });
}

try {
  if (task === "lock") await lockStore(path);
  if (task === "hold") await openPglite({ dataDir: path });
  if (task === "write") await writeForEver(path);
  await say("ready");
  setInterval(() => undefined, 60_000);
} catch (error) {
  await say(`refused ${codeOf(error)}: ${String(error)}`);
}

async function writeForEver(dataDir: string): Promise<never> {
  const { db } = await openPglite({ dataDir });
  await db.query("create table if not exists public.t (n int primary key, text text not null)");
  await say("ready");
  for (let n = 1; ; n += 1) {
    const text = "x".repeat(n % 3_000);
    if (n % 3 === 0)
      await db.transaction(async (tx) => tx.query("insert into public.t values ($1, $2)", [n, text]));
    else await db.query("insert into public.t values ($1, $2)", [n, text]);
    await say(String(n));
  }
}
