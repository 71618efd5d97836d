// Every change is in the audit log before it is made; one that fails is followed by an entry that says so.
import { HealError, messageOf } from "../domain/errors.ts";
import type { JsonObject } from "../domain/json.ts";
import type { Audit } from "../knowledge/records.ts";
import type { Actor } from "./operations.ts";

export async function audited<T>(
  audit: Audit,
  actor: Actor,
  action: string,
  target: string,
  detail: JsonObject,
  work: () => Promise<T>,
): Promise<T> {
  const by = { actor: actor.name, door: actor.door, target };
  const origin = { role: actor.role, ...(actor.ip === undefined ? {} : { ip: actor.ip }) };
  await audit.append({ ...by, action, detail: { ...detail, ...origin } });
  try {
    return await work();
  } catch (error) {
    const code = error instanceof HealError ? error.code : "unexpected";
    const why = { code, message: messageOf(error).slice(0, 2_000), ...origin };
    // The failure itself is what the caller must hear of.
    await audit.append({ ...by, action: `${action}.failed`, detail: why }).catch(() => undefined);
    throw error;
  }
}
