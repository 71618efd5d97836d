// A restore by hand puts files back and leaves the service running: when it reads them is its operator's decision. So
// the answer says what is still to be done.
import type { Service } from "../domain/service.ts";
import type { RestoreSteps } from "./healer.ts";
import type { Wired } from "./wire.ts";

type Steps = RestoreSteps["steps"];

/** The steps that put files back, with what makes the service read them; as they were where nothing is to be done. */
export async function sayWhatIsStillToDo(
  { services, actions, targets }: Pick<Wired, "services" | "actions" | "targets">,
  name: string,
  steps: Steps,
): Promise<Steps> {
  const service = services().find((one) => one.name === name);
  const hint = service && wayToRead(service);
  if (hint === undefined) return steps;
  // A service that does not run, or cannot be asked, reads its files when it is started.
  const state = await targets
    .of(name)
    ?.state()
    .catch(() => undefined);
  if (state?.status !== "running") return steps;
  const isFile = ({ action }: Steps[number]): boolean => actions.get(action)?.class === "configuration";
  return steps.map((one) =>
    one.ok && isFile(one) ? { ...one, text: `${one.text} ${name} has not read it yet: ${hint}`.trim() } : one,
  );
}

/** undefined: it reads its files by itself, or nothing of it runs here. */
function wayToRead({ name, runtime, files }: Service): string | undefined {
  const after = files?.afterEdit ?? "none";
  if (after === "none" || runtime === undefined) return undefined;
  if (after !== "restart") return `send it ${after.reload}.`;
  if (runtime.kind === "process") return `opsmedic stop ${name}, then opsmedic start ${name}.`;
  return runtime.kind === "docker"
    ? `docker restart ${runtime.container}.`
    : `docker compose -p ${runtime.project} restart ${runtime.service}.`;
}
