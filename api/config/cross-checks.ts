// What no single value shows: names that occur twice, dependencies that do not exist or run in a circle, rules
// about services that nobody knows. Reads loosely, so that it also speaks when the schema already complained.
import type { Complaint } from "./complaints.ts";
import { at, list } from "./loose.ts";
import { replicaChecks } from "./replica-checks.ts";
import { logSourceSchema } from "./log-schema.ts";
import { toOutsideLogs } from "./log-sources.ts";
import { nearest } from "./nearest.ts";

interface Named {
  name: string;
  dependsOn: string[];
  at: number;
}

export function crossChecks(value: unknown): Complaint[] {
  const services = namedServices(value);
  return [
    ...doubles(services),
    ...replicaChecks(value),
    ...missing(services),
    ...circles(services),
    ...mistypedNever(value, services),
    ...unknownChannels(value),
    ...doubledLogs(value),
    ...mistypedServices(value, ["logs"], services),
    ...doubledRules(value),
    ...mistypedServices(value, ["patterns", "rules"], services),
  ];
}

function doubles(services: readonly Named[]): Complaint[] {
  return services
    .filter(({ name, at }) => services.some((other) => other.name === name && other.at < at))
    .map(({ name, at }) => ({ path: ["services", at, "name"], message: `The name "${name}" is used twice` }));
}

function missing(services: readonly Named[]): Complaint[] {
  const names = services.map(({ name }) => name);
  return services.flatMap(({ dependsOn, at }) =>
    dependsOn.flatMap((dependency, place): Complaint[] =>
      names.includes(dependency)
        ? []
        : [
            {
              path: ["services", at, "dependsOn", place],
              message: `There is no service "${dependency}"${advice(dependency, names)}`,
            },
          ],
    ),
  );
}

/** One complaint for each circle, at the first of its services. */
function circles(services: readonly Named[]): Complaint[] {
  const byName = new Map(services.map((one) => [one.name, one]));
  const done = new Set<string>();
  const complaints: Complaint[] = [];
  const walk = (one: Named, trail: string[]): void => {
    const from = trail.indexOf(one.name);
    if (from >= 0) {
      const circle = [...trail.slice(from), one.name];
      const at = byName.get(circle[0] ?? "")?.at ?? one.at;
      complaints.push({
        path: ["services", at, "dependsOn"],
        message: `The dependencies run in a circle: ${circle.join(" → ")}`,
      });
      return;
    }
    if (done.has(one.name)) return;
    for (const name of one.dependsOn) {
      const next = byName.get(name);
      if (next !== undefined) walk(next, [...trail, one.name]);
    }
    done.add(one.name);
  };
  for (const one of services) walk(one, []);
  return complaints;
}

/** A rule that protects a mistyped name protects nothing. Other unknown names may be found by label later. */
function mistypedNever(value: unknown, services: readonly Named[]): Complaint[] {
  const names = services.map(({ name }) => name);
  return list(at(value, ["healing", "never"])).flatMap((rule, place): Complaint[] => {
    const name = at(rule, ["service"]);
    if (typeof name !== "string" || name === "*" || names.includes(name)) return [];
    if (nearest(name, names) === undefined) return [];
    return [
      {
        path: ["healing", "never", place, "service"],
        message: `There is no service "${name}"${advice(name, names)}`,
      },
    ];
  });
}

function unknownChannels(value: unknown): Complaint[] {
  const channels = Object.keys(Object(at(value, ["alerts", "channels"]) ?? {}));
  return list(at(value, ["alerts", "escalation"])).flatMap((step, index) =>
    list(at(step, ["to"])).flatMap((name, place): Complaint[] =>
      typeof name !== "string" || channels.includes(name)
        ? []
        : [
            {
              path: ["alerts", "escalation", index, "to", place],
              message: `There is no channel "${name}"${advice(name, channels)}`,
            },
          ],
    ),
  );
}

/** Read twice, each line would count twice. */
function doubledLogs(value: unknown): Complaint[] {
  const names = list(at(value, ["logs"])).map((one) => {
    const input = logSourceSchema.safeParse(one);
    const { pulled, syslog } = toOutsideLogs(input.success ? [input.data] : []);
    return [...pulled, ...syslog][0]?.name;
  });
  return names.flatMap((name, place): Complaint[] => {
    const first = names.indexOf(name);
    if (name === undefined || first === place) return [];
    return [{ path: ["logs", place], message: `It reads the same as logs[${first}]: ${name}` }];
  });
}

function doubledRules(value: unknown): Complaint[] {
  const names = list(at(value, ["patterns", "rules"])).map((rule) => at(rule, ["name"]));
  return names.flatMap((name, place): Complaint[] =>
    typeof name === "string" && names.indexOf(name) < place
      ? [{ path: ["patterns", "rules", place, "name"], message: `The name "${name}" is used twice` }]
      : [],
  );
}

/** As for `never`: an unknown name may be found by label later, a mistyped one is a mistake. */
function mistypedServices(value: unknown, path: readonly string[], services: readonly Named[]): Complaint[] {
  const names = services.map(({ name }) => name);
  return list(at(value, path)).flatMap((one, place): Complaint[] => {
    const name = at(one, ["service"]);
    if (typeof name !== "string" || names.includes(name) || nearest(name, names) === undefined) return [];
    const message = `There is no service "${name}"${advice(name, names)}`;
    return [{ path: [...path, place, "service"], message }];
  });
}

function advice(word: string, known: readonly string[]): string {
  const near = nearest(word, known);
  return near === undefined ? "" : `; did you mean "${near}"?`;
}

function namedServices(value: unknown): Named[] {
  return list(at(value, ["services"])).flatMap((one, index) => {
    const name = at(one, ["name"]);
    const dependsOn = list(at(one, ["dependsOn"])).filter((text) => typeof text === "string");
    return typeof name === "string" ? [{ name, dependsOn, at: index }] : [];
  });
}
