// One setting of a running server, from what the plan saw to what it wants, in force until the server starts again: no
// file is written. What each server is asked, and how far it may go, is its own; how the step is held is the same. It ends
// with that run of the server: one that was started since, or took its place, has values of its own.
import { z } from "zod";
import { HealError } from "../../domain/errors.ts";
import type { Action, ActionContext, Captured } from "../action.ts";
import { beyondLimit, stale, stateOf } from "./checked.ts";

export interface SettingStep<Setting extends string = string> {
  [key: string]: string;
  setting: Setting;
  from: string;
  to: string;
}

export interface RunningSetting<Door, Setting extends string>
  extends Pick<Action<SettingStep<Setting>>, "name" | "summary" | "params"> {
  /** What the server is called in a sentence. */
  server: string;
  withDoor: <T>(context: ActionContext, work: (door: Door) => Promise<T>) => Promise<T>;
  /** undefined: this server has no such setting. */
  read(door: Door, setting: Setting): Promise<string | undefined>;
  write(door: Door, setting: Setting, value: string): Promise<unknown>;
  /** Of the server's present run: no other one, of it or of another server, gives the same. */
  runOf(door: Door): Promise<string>;
  /** Why the step goes too far; undefined: it does not. */
  problem(
    step: SettingStep<Setting>,
    door: Door,
    context: ActionContext,
  ): Promise<string | undefined> | string | undefined;
  /** What the old value does to a server that has gone on meanwhile; undefined: nothing that must be told. */
  afterUndo?(setting: Setting, door: Door): Promise<string | undefined>;
}

/** `run` is absent in what an older opsmedic captured. */
const stateSchema = z.object({ setting: z.string(), value: z.string(), run: z.string().optional() });

export function runningSetting<Door, Setting extends string>({
  name,
  summary,
  params,
  server,
  withDoor,
  read,
  write,
  runOf,
  problem,
  afterUndo,
}: RunningSetting<Door, Setting>): Action<SettingStep<Setting>> {
  const before = ({ state }: Captured): string => stateOf(stateSchema, name, state).value;

  async function present(door: Door, setting: Setting): Promise<string> {
    const value = await read(door, setting);
    if (value !== undefined) return value;
    throw new HealError(`${server} here has no setting ${setting}`, { code: "database-answer" });
  }

  async function isAnotherRun(door: Door, { state }: Captured): Promise<boolean> {
    const { run } = stateOf(stateSchema, name, state);
    return run !== undefined && run !== (await runOf(door));
  }

  async function assertWithin(step: SettingStep<Setting>, door: Door, context: ActionContext): Promise<void> {
    const beyond = await problem(step, door, context);
    if (beyond === undefined) return;
    throw beyondLimit(
      `${step.setting} of ${context.service.name} is not set to ${step.to}: ${beyond}`,
      "decide by hand, or let the configuration allow it",
    );
  }

  async function setBack(door: Door, setting: Setting, old: string): Promise<string> {
    await write(door, setting, old);
    return [`Set ${setting} back to ${old}.`, await afterUndo?.(setting, door)].filter(Boolean).join(" ");
  }

  return {
    name,
    summary,
    undoes: "sets the value that was captured before",
    class: "configuration",
    effect: "reversible",
    risk: "medium",
    params,
    downtimeMs: () => 0,

    capture: (step, context) =>
      withDoor(context, async (door) => {
        const value = await present(door, step.setting);
        // "to": a restore by hand keeps what there is, too, before it puts back what was.
        if (value !== step.from && value !== step.to) throw otherValue(step, value);
        await assertWithin(step, door, context);
        return { state: { setting: step.setting, value, run: await runOf(door) }, files: [] };
      }),
    apply: (step, captured, context) =>
      withDoor(context, async (door) => {
        if (await isAnotherRun(door, captured)) throw stale(`${server} ${ANOTHER_RUN}`, "diagnose again");
        const value = await present(door, step.setting);
        if (value === step.to) return `${step.setting} is ${value} already.`;
        if (value !== before(captured)) throw otherValue(step, value);
        await assertWithin(step, door, context);
        await write(door, step.setting, step.to);
        return `Changed ${step.setting} from ${value} to ${step.to}, until ${server} starts again.`;
      }),
    verify: ({ setting, to }, captured, context) =>
      withDoor(context, async (door) => {
        if (await isAnotherRun(door, captured)) return { ok: false, text: `${server} ${ANOTHER_RUN}` };
        const value = await present(door, setting);
        return { ok: value === to, text: `${setting} is ${value}.` };
      }),
    undo: ({ setting, to }, captured, context) =>
      withDoor(context, async (door) => {
        const old = before(captured);
        const value = await present(door, setting);
        if (value === old) return `${setting} is as it was.`;
        if (await isAnotherRun(door, captured)) return `What ${setting} is there now is not of ours.`;
        if (value !== to) {
          throw new HealError(`${setting} was changed by someone else since: it is ${value}`, {
            code: "undo-conflict",
            hint: `decide by hand; it was ${old}`,
          });
        }
        return setBack(door, setting, old);
      }),
    verifyUndo: ({ setting }, captured, context) =>
      withDoor(context, async (door) => {
        const value = await present(door, setting);
        const found = `${setting} is ${value}.`;
        if (value !== before(captured) && (await isAnotherRun(door, captured)))
          return {
            ok: true,
            stays: true,
            text: `${found} It ${ANOTHER_RUN}: our change ended with that run.`,
          };
        const text = [found, await afterUndo?.(setting, door)].filter(Boolean).join(" ");
        return { ok: value === before(captured), text };
      }),
  };
}

const ANOTHER_RUN = "was started again since, or another one has taken its place";

function otherValue({ setting, from }: SettingStep, value: string): HealError {
  return stale(`${setting} is ${value}, not ${from} as the plan says`, "diagnose again: someone changed it");
}
