// Which causes are worth checking: every playbook that applies to a symptom, on the service with the symptom or on
// each service that it depends on.
import { type Finding, isSymptom } from "../domain/finding.ts";
import type { Playbook } from "../domain/playbook.ts";
import type { Service } from "../domain/service.ts";

export interface Candidate {
  playbook: Playbook;
  /** The service that would be at fault. */
  service: Service;
  /** The finding that brought it up. */
  finding: Finding;
}

const MOST_DEPENDENCIES = 20;

/** Each pair of playbook and service once, for the first finding that brings it up. */
export function candidatesFor(
  playbooks: readonly Playbook[],
  findings: readonly Finding[],
  service: (name: string) => Service | undefined,
): Candidate[] {
  const all = findings.filter(isSymptom).flatMap((finding) => {
    const applying = playbooks.filter((one) => one.appliesTo.includes(finding.kind));
    return applying.flatMap((playbook) => placesOf(playbook, finding, service));
  });
  return [...new Map(all.toReversed().map((one) => [keyOf(one), one])).values()].toReversed();
}

/** The services at which a playbook looks for its cause. What is not ours can be at fault for its own symptom. */
export function placesOf(
  playbook: Playbook,
  finding: Finding,
  service: (name: string) => Service | undefined,
): Candidate[] {
  const own = service(finding.service);
  if (!own) return [];
  const needed = own.dependsOn.slice(0, MOST_DEPENDENCIES).flatMap((name) => service(name) ?? []);
  const places = playbook.about === "service" ? [own] : own.runtime ? needed : [own, ...needed];
  return places.map((place) => ({ playbook, service: place, finding }));
}

export function keyOf({ playbook, service }: Candidate): string {
  return `${playbook.id} ${service.name}`;
}
