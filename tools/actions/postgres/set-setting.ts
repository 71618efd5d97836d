// postgres-set-setting: one setting of the server from the value that the plan saw to another, by ALTER SYSTEM and a
// reload. Undo puts back what stood in postgresql.auto.conf before, or takes the line out where none stood there. That file
// is the server's own: it does not move with a failover, and of another server nothing is put back.
import { z } from "zod";
import { HealError } from "../../../domain/errors.ts";
import type { Action, ActionContext, Captured } from "../../action.ts";
import { stale, stateOf } from "../checked.ts";
import { answeringServer, isSameServer, serverSchema } from "./answering-server.ts";
import { type PostgresConnection, readAnew, withPostgres } from "./connection.ts";
import { safeSettings, unsafeStep } from "./safe-settings.ts";
import { type PresentSetting, presentSetting, settableSources } from "./setting-sources.ts";

const LOOKS = 50;
const value = z.string().min(1).max(100);
const paramsSchema = z
  .strictObject({ setting: z.enum(safeSettings), from: value, to: value })
  .superRefine(({ setting, from, to }, refinement) => {
    const problem = unsafeStep(setting, from, to);
    if (problem !== undefined) refinement.addIssue({ code: "custom", message: problem, path: ["to"] });
  });
type Params = z.infer<typeof paramsSchema>;

const stateSchema = z.object({
  value: z.string(),
  source: z.string(),
  /** What ALTER SYSTEM had set before; null: nothing. */
  altered: z.string().nullable(),
  /** Whose setting it is; absent: captured by an older opsmedic. */
  server: serverSchema.optional(),
});

export const postgresSetSetting: Action<Params> = {
  name: "postgres-set-setting",
  summary: "Changes one setting of PostgreSQL within safe bounds (ALTER SYSTEM and a reload)",
  undoes: "puts back what ALTER SYSTEM had set before, or resets it where it had set nothing, and reloads",
  class: "configuration",
  effect: "reversible",
  risk: "medium",
  params: paramsSchema,
  downtimeMs: () => 0,

  capture: ({ setting, from, to }, context) =>
    here(context, async (connection) => {
      const { value: now, source, altered } = await presentSetting(connection.query, setting);
      // "to": a restore by hand keeps what there is, too, before it puts back what was.
      if (now !== from && now !== to)
        throw stale(`${setting} is ${now}, not ${from} as the plan says`, "diagnose again");
      if (!settableSources.includes(source)) {
        throw new HealError(`${setting} comes from the ${source}, which ALTER SYSTEM does not override`, {
          code: "setting-elsewhere",
          hint: "change it where it is set: the server's command line, ALTER ROLE or ALTER DATABASE",
        });
      }
      const server = await answeringServer(connection.query);
      return { state: { value: now, source, altered, server }, files: [] };
    }),
  apply: ({ setting, from, to }, captured, context) =>
    changing(context, async (connection) => {
      if (await isAnother(connection, captured))
        throw stale(
          "another server answers at its address than the one that was looked at",
          "diagnose again",
        );
      const present = await presentSetting(connection.query, setting);
      const { value: now } = present;
      if (now === to) return `${setting} is ${to} already`;
      const other = othersChoice(present, stateIn(captured), to) ?? (now === from ? undefined : now);
      if (other !== undefined)
        throw stale(`${setting} was set to ${other} by someone else after the backup`, "diagnose again");
      await set(connection, setting, to);
      return `changed ${setting} from ${from} to ${to}`;
    }),
  verify: ({ setting, to }, captured, context) =>
    here(context, async (connection) => {
      if (await isAnother(connection, captured))
        return { ok: false, text: "another server answers there now" };
      const { value: now, pendingRestart } = await presentSetting(connection.query, setting);
      const waits = pendingRestart ? ", and waits for a restart of the server" : "";
      return { ok: now === to && !pendingRestart, text: `${setting} is ${now}${waits}` };
    }),
  undo: ({ setting, to }, captured, context) =>
    changing(context, async (connection) => {
      const before = stateIn(captured);
      if (await isAnother(connection, captured))
        return `what another server has set is its own, and was left alone`;
      const present = await presentSetting(connection.query, setting);
      const { value: now, altered, filesSeen } = present;
      // Who may not read the files does not see what a killed one wrote and never put in force: it is written anew.
      if (filesSeen && now === before.value && altered === before.altered) return `${setting} is as it was`;
      const others = now === to || now === before.value ? undefined : now;
      const other = othersChoice(present, before, to) ?? others;
      if (other !== undefined) {
        throw new HealError(`${setting} was set to ${other} by someone else since`, {
          code: "undo-conflict",
          hint: `decide by hand; it was ${before.value}`,
        });
      }
      await set(connection, setting, before.altered);
      return before.altered === null
        ? `took ${setting} out of what ALTER SYSTEM set`
        : `set ${setting} back to ${before.altered}`;
    }),
  verifyUndo: ({ setting, to }, captured, context) =>
    here(context, async (connection) => {
      const before = stateIn(captured);
      if (await isAnother(connection, captured))
        return { ok: true, stays: true, text: leftBehind(setting, to, before) };
      const { value: now, altered } = await presentSetting(connection.query, setting);
      return { ok: now === before.value && altered === before.altered, text: `${setting} is ${now}` };
    }),
};

/** The setting is the answering server's own, a standby or not. */
function here<T>(context: ActionContext, work: (connection: PostgresConnection) => Promise<T>): Promise<T> {
  return withPostgres(context, work, { standbyToo: true });
}

async function isAnother({ query }: PostgresConnection, captured: Captured): Promise<boolean> {
  const { server } = stateIn(captured);
  return server !== undefined && !isSameServer(server, await answeringServer(query));
}

/** For whoever brings the old one back. */
function leftBehind(
  setting: string,
  to: string,
  { value: was, altered }: z.infer<typeof stateSchema>,
): string {
  const back =
    altered === null ? `ALTER SYSTEM RESET ${setting}` : `ALTER SYSTEM SET ${setting} = '${altered}'`;
  return `another server answers there now; on the one before, ${setting} may still be ${to} (it was ${was}: ${back})`;
}

/** What somebody else's ALTER SYSTEM says, which may still wait for its reload; undefined: it says what it did, or what we do. */
function othersChoice(
  { altered, filesSeen }: PresentSetting,
  before: Pick<PresentSetting, "altered">,
  to: string,
): string | undefined {
  if (!filesSeen || altered === before.altered || altered === to) return undefined;
  return altered ?? "what its own file says";
}

/** The setting's name is one of ours, its value quoted; null: as the server's own file has it. */
async function set(connection: PostgresConnection, setting: string, to: string | null): Promise<void> {
  const name = connection.identifier(setting);
  await connection.query(
    to === null ? `ALTER SYSTEM RESET ${name}` : `ALTER SYSTEM SET ${name} = ${connection.literal(to)}`,
  );
  await connection.query("select pg_reload_conf()");
  // The server tells its sessions some moments later; what is asked next should see it.
  for (let looks = 0; looks < LOOKS && !(await isInForce(connection, setting, to)); looks += 1)
    await connection.query("select pg_sleep(0.02)");
}

/** Taken out: in force is again what the server's own file says, whatever that is. */
async function isInForce(
  { query }: PostgresConnection,
  setting: string,
  to: string | null,
): Promise<boolean> {
  const { value: now, inAutoFile } = await presentSetting(query, setting);
  return to === null ? !inAutoFile : now === to;
}

async function changing(
  context: ActionContext,
  work: (connection: PostgresConnection) => Promise<string>,
): Promise<string> {
  const text = await here(context, work);
  await readAnew(context);
  return text;
}

function stateIn({ state }: Captured): z.infer<typeof stateSchema> {
  return stateOf(stateSchema, "postgres-set-setting", state);
}
