// One setting of a running server, from what the plan saw to what it wants, in force until the server starts again: no
// file is written. What each server is asked, and how far it may go, is its own; how the step is held is the same.
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
  /** Why the step goes too far; undefined: it does not. */
  problem(
    step: SettingStep<Setting>,
    door: Door,
    context: ActionContext,
  ): Promise<string | undefined> | string | undefined;
  /** What the old value does to a server that has gone on meanwhile; undefined: nothing that must be told. */
  afterUndo?(setting: Setting, door: Door): Promise<string | undefined>;
}

const stateSchema = z.object({ setting: z.string(), value: z.string() });

export function runningSetting<Door, Setting extends string>({
  name,
  summary,
  params,
  server,
  withDoor,
  read,
  write,
  problem,
  afterUndo,
}: RunningSetting<Door, Setting>): Action<SettingStep<Setting>> {
  const before = ({ state }: Captured): string => stateOf(stateSchema, name, state).value;

  async function present(door: Door, setting: Setting): Promise<string> {
    const value = await read(door, setting);
    if (value !== undefined) return value;
    throw new HealError(`${server} here has no setting ${setting}`, { code: "database-answer" });
  }

  async function compare(setting: Setting, wanted: string, context: ActionContext) {
    const value = await withDoor(context, (door) => present(door, setting));
    return { ok: value === wanted, text: `${setting} is ${value}.` };
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
        return { state: { setting: step.setting, value }, files: [] };
      }),
    apply: (step, captured, context) =>
      withDoor(context, async (door) => {
        const value = await present(door, step.setting);
        if (value === step.to) return `${step.setting} is ${value} already.`;
        if (value !== before(captured)) throw otherValue(step, value);
        await assertWithin(step, door, context);
        await write(door, step.setting, step.to);
        return `Changed ${step.setting} from ${value} to ${step.to}, until ${server} starts again.`;
      }),
    verify: ({ setting, to }, _captured, context) => compare(setting, to, context),
    undo: ({ setting, to }, captured, context) =>
      withDoor(context, async (door) => {
        const old = before(captured);
        const value = await present(door, setting);
        if (value === old) return `${setting} is as it was.`;
        if (value !== to) {
          throw new HealError(`${setting} was changed by someone else since: it is ${value}`, {
            code: "undo-conflict",
            hint: `decide by hand; it was ${old}`,
          });
        }
        return setBack(door, setting, old);
      }),
    verifyUndo: async ({ setting }, captured, context) => {
      const found = await compare(setting, before(captured), context);
      const more = await withDoor(context, async (door) => afterUndo?.(setting, door));
      return { ...found, text: [found.text, more].filter(Boolean).join(" ") };
    },
  };
}

function otherValue({ setting, from }: SettingStep, value: string): HealError {
  return stale(`${setting} is ${value}, not ${from} as the plan says`, "diagnose again: someone changed it");
}
