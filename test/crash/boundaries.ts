// Counts the boundaries of a run: before and after each write of the journal, after each other write, and on both
// sides of each node's checkpoint (the node has ended, the next one has not begun). Other moments leave nothing on
// disk that these do not. The store does everything for real; at one boundary something is done to the process.
import type { Cases, Incidents, Journal, Runs } from "../../knowledge/records.ts";
import type { OpenStore } from "../../knowledge/store.ts";

type Pass = (name: string) => Promise<void>;

export interface Boundaries {
  opened: OpenStore;
  /** Names of those that were reached, in order. */
  reached: readonly string[];
}

/** `at` is called at each boundary with its name and which of that name it is, from 1; what it waits for holds the run up. */
export function withBoundaries(
  opened: OpenStore,
  at: (name: string, nth: number) => Promise<void> | void,
): Boundaries {
  const reached: string[] = [];
  const pass = async (name: string): Promise<void> => {
    reached.push(name);
    await at(name, reached.filter((one) => one === name).length);
  };
  const { journal, runs, incidents, cases } = opened.store;
  const store: OpenStore["store"] = {
    ...opened.store,
    journal: boundedJournal(journal, pass),
    runs: boundedRuns(runs, pass),
    incidents: boundedIncidents(incidents, pass),
    cases: boundedCases(cases, pass),
  };
  return { opened: { ...opened, store }, reached };
}

async function after<Answer>(pass: Pass, name: string, work: () => Promise<Answer>): Promise<Answer> {
  const answer = await work();
  await pass(`after ${name}`);
  return answer;
}

async function around<Answer>(pass: Pass, name: string, work: () => Promise<Answer>): Promise<Answer> {
  await pass(`before ${name}`);
  return after(pass, name, work);
}

function boundedJournal(journal: Journal, pass: Pass): Journal {
  return {
    ...journal,
    intend: (entry) => around(pass, `step ${entry.step} is intended`, () => journal.intend(entry)),
    advance: (key, from, to, more) =>
      around(pass, `step ${key.step} is ${to}`, () => journal.advance(key, from, to, more)),
  };
}

function boundedRuns(runs: Runs, pass: Pass): Runs {
  return {
    ...runs,
    start: (run) => after(pass, "the run is begun", () => runs.start(run)),
    update: (id, change) => after(pass, "the run is updated", () => runs.update(id, change)),
    saveIncident: (id, incident) =>
      after(pass, "the incident is saved with the run", () => runs.saveIncident(id, incident)),
    async appendStep(id, step) {
      if (step.phase === "start") await pass(`before ${step.node}`);
      const seq = await runs.appendStep(id, step);
      if (step.phase === "end") await pass(`after ${step.node}`);
      return seq;
    },
  };
}

function boundedIncidents(incidents: Incidents, pass: Pass): Incidents {
  return {
    ...incidents,
    open: (service, findings, at) =>
      after(pass, "the incident is open", () => incidents.open(service, findings, at)),
    close: (id, status, at) => after(pass, "the incident is closed", () => incidents.close(id, status, at)),
  };
}

function boundedCases(cases: Cases, pass: Pass): Cases {
  return { ...cases, file: (one) => after(pass, "the case is filed", () => cases.file(one)) };
}
