// What only all replicas together show: one that is alone, and two that the same request takes out.
import type { Complaint } from "./complaints.ts";
import { at, list } from "./loose.ts";
import { nearest } from "./nearest.ts";

interface Replica {
  of: string;
  takeOut: string | undefined;
  index: number;
}

export function replicaChecks(value: unknown): Complaint[] {
  const replicas = list(at(value, ["services"])).flatMap((one, index): Replica[] => {
    const of = at(one, ["rotation", "of"]);
    const takeOut = at(one, ["rotation", "takeOut"]);
    return typeof of === "string" && of !== ""
      ? [{ of, takeOut: takeOut === undefined ? undefined : JSON.stringify(takeOut), index }]
      : [];
  });
  return [...alone(replicas), ...doubled(replicas)];
}

/** Taken out, it would leave nobody. */
function alone(replicas: readonly Replica[]): Complaint[] {
  return replicas
    .filter((one) => replicas.every((other) => other === one || other.of !== one.of))
    .map(({ of, index }) => {
      const near = nearest(
        of,
        [...new Set(replicas.map((one) => one.of))].filter((one) => one !== of),
      );
      const advice =
        near === undefined
          ? "; without others there is nothing to take it out of"
          : `; did you mean "${near}"?`;
      return {
        path: ["services", index, "rotation", "of"],
        message: `It is the only replica of "${of}"${advice}`,
      };
    });
}

function doubled(replicas: readonly Replica[]): Complaint[] {
  return replicas.flatMap(({ takeOut, index }): Complaint[] => {
    const first = replicas.find((one) => one.takeOut === takeOut && takeOut !== undefined);
    if (first === undefined || first.index === index) return [];
    const message = `It takes the same replica out as services[${first.index}]`;
    return [{ path: ["services", index, "rotation", "takeOut"], message }];
  });
}
