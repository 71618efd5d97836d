// What a diagnosis takes from its surroundings beside the findings, as plain data in the trace: so that a run can be judged
// again elsewhere, with other playbooks or thresholds. Holds no address, command or secret.
import { z } from "zod";
import type { Policy } from "../../domain/policy.ts";
import type { Rotation, Runtime, Service } from "../../domain/service.ts";
import { TRUST_REACH_MS } from "../../agents/trust.ts";
import type { Cases } from "../../knowledge/records.ts";

const MOST_PAST = 50;

const sceneServiceSchema = z.object({
  name: z.string(),
  runtime: z.enum(["docker", "compose", "process"]).nullable(),
  dependsOn: z.array(z.string()),
  mode: z.enum(["observe", "approve", "auto"]).nullable(),
  protected: z.boolean(),
  afterEdit: z.union([z.enum(["restart", "none"]), z.object({ reload: z.string() })]).nullable(),
  limits: z.object({ maxReplicas: z.number(), maxMemoryBytes: z.number().nullable() }),
  /** What it is a replica of; absent: it is none, or the record is older. */
  replicaOf: z.string().exactOptional(),
});
export type SceneService = z.infer<typeof sceneServiceSchema>;

/** A fix that was tried at the service with the symptom. */
const pastFixSchema = z.object({
  playbook: z.string(),
  fixClass: z.string(),
  outcome: z.enum(["healed", "not-healed", "worse", "escalated", "rejected"]),
  signature: z.string(),
  at: z.number(),
});
export type ScenePast = z.infer<typeof pastFixSchema>;

export const sceneSchema = z.object({
  /** The service with the symptom, and those that it depends on. */
  services: z.array(sceneServiceSchema),
  /** Newest first. */
  past: z.array(pastFixSchema),
  // Written by ourselves; a policy that does not fit makes a rule throw, which the gate turns into deny.
  policy: z.custom<Policy>((value) => typeof value === "object" && value !== null),
});
export type ReplayScene = z.infer<typeof sceneSchema>;

export interface SceneParts {
  service: (name: string) => Service | undefined;
  recent: Cases["recent"];
  policy: () => Policy;
}

export async function sceneOf(name: string, now: number, parts: SceneParts): Promise<ReplayScene> {
  const own = parts.service(name);
  const around = (own?.dependsOn ?? []).flatMap((needed) => parts.service(needed) ?? []);
  const past = await parts.recent({ service: name, since: now - TRUST_REACH_MS, limit: MOST_PAST });
  return {
    services: [...(own ? [own] : []), ...around].map(sceneService),
    past: past.map(({ playbook, fixClass, outcome, signature, at }) => ({
      playbook,
      fixClass,
      outcome,
      signature,
      at,
    })),
    policy: parts.policy(),
  };
}

function sceneService({ name, runtime, dependsOn, mode, files, limits, ...rest }: Service): SceneService {
  return {
    name,
    runtime: runtime?.kind ?? null,
    dependsOn: [...dependsOn],
    mode: mode ?? null,
    protected: rest.protected,
    afterEdit: files?.afterEdit ?? null,
    limits: { maxReplicas: limits.maxReplicas, maxMemoryBytes: limits.maxMemoryBytes ?? null },
    ...(rest.rotation && { replicaOf: rest.rotation.of }),
  };
}

/** A service as far as a diagnosis and a plan need one. Nothing can be seen of it or done to it. */
export function serviceOf(one: SceneService): Service {
  const { name, dependsOn, afterEdit, limits, mode } = one;
  return {
    name,
    ...(one.runtime !== null && { runtime: runtimes[one.runtime] }),
    health: [],
    metrics: [],
    logs: [],
    dependsOn,
    ...(afterEdit !== null && {
      files: {
        root: "/",
        editable: [],
        afterEdit: afterEdit as "restart" | "none" | { reload: NodeJS.Signals },
      },
    }),
    limits: {
      maxReplicas: limits.maxReplicas,
      ...(limits.maxMemoryBytes !== null && { maxMemoryBytes: limits.maxMemoryBytes }),
    },
    ...(one.replicaOf !== undefined && { rotation: rotationOf(one.replicaOf) }),
    ...(mode !== null && { mode }),
    protected: one.protected,
    discovered: false,
  };
}

/** That there is one leads to the same plan; its doors lead nowhere. */
function rotationOf(of: string): Rotation {
  const door = { kind: "exec", command: [] } as const;
  return { of, takeOut: door, putBack: door, look: { ...door, out: "" }, withinMs: 0 };
}

const runtimes: Record<NonNullable<SceneService["runtime"]>, Runtime> = {
  docker: { kind: "docker", container: "" },
  compose: { kind: "compose", project: "", service: "" },
  process: { kind: "process", command: [], cwd: "/", env: {} },
};
