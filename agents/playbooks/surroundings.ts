// What must not be, for a fault to lie inside the process: one question for each failure around it. They add nothing
// when all is well, and take the certainty away when it is not.
import type { Draft } from "./common-checks.ts";

type CheckDraft = Draft["checks"][number];

interface Question {
  id: string;
  question: string;
  observe: string;
  params?: CheckDraft["params"];
  expect: CheckDraft["expect"];
  rival: string;
}

const questions: readonly Question[] = [
  {
    id: "can-write",
    question: "Can its file systems be written?",
    observe: "volume-read-only",
    expect: { none: true },
    rival: "read-only-file-system",
  },
  {
    id: "has-room",
    question: "Is there room on its file systems?",
    observe: "volume-use",
    expect: { atMost: 0.97 },
    rival: "volume-full",
  },
  {
    id: "has-entries",
    question: "Are file entries left on them?",
    observe: "volume-inodes",
    expect: { atMost: 0.97 },
    rival: "inodes-exhausted",
  },
  {
    id: "may-use-files",
    question: "May its user use its files?",
    observe: "files-denied",
    expect: { none: true },
    rival: "permission-denied",
  },
  {
    id: "not-rolled-out-sick",
    question: "Was it well since it was rolled out?",
    observe: "deployed",
    params: { unlessWell: true },
    expect: { none: true },
    rival: "crash-after-deploy",
  },
  {
    id: "could-be-started",
    question: "Could its command be run at all?",
    observe: "start-error",
    expect: { none: true },
    rival: "bad-command",
  },
  {
    id: "port-free",
    question: "Does nobody else hold its port?",
    observe: "port-holder",
    expect: { isNot: "other" },
    rival: "port-taken",
  },
  {
    id: "may-open-files",
    question: "May it open further files and connections?",
    observe: "open-files-now",
    expect: { atMost: 0.9 },
    rival: "file-descriptors-exhausted",
  },
  {
    id: "closes-connections",
    question: "Does it close its connections?",
    observe: "half-closed",
    expect: { atMost: 49 },
    rival: "connection-leak",
  },
  {
    id: "may-start-threads",
    question: "May it start further threads?",
    observe: "threads-now",
    expect: { atMost: 0.9 },
    rival: "threads-exhausted",
  },
  {
    id: "collects-children",
    question: "Does it collect its children?",
    observe: "zombies-now",
    expect: { atMost: 49 },
    rival: "child-leak",
  },
  {
    id: "names-found",
    question: "Can the hosts that it needs be found?",
    observe: "names-resolve",
    expect: { is: "ok" },
    rival: "dns-failure",
  },
  {
    id: "addresses-right",
    question: "Do the addresses in its settings lead somewhere?",
    observe: "setting-addresses",
    expect: { is: "ok" },
    rival: "wrong-address",
  },
  {
    id: "certificate-good",
    question: "Is its certificate still good?",
    observe: "certificate-days",
    expect: { atLeast: 0 },
    rival: "certificate-expired",
  },
  {
    id: "certificate-accepted",
    question: "Is its certificate accepted?",
    observe: "certificate-refused",
    expect: { none: true },
    rival: "certificate-refused",
  },
  {
    id: "clocks-agree",
    question: "Do the clocks agree?",
    observe: "clock-offset",
    expect: { atMost: 30_000 },
    rival: "clock-skew",
  },
  {
    id: "no-storm",
    question: "Does it call others as often as before for each request?",
    observe: "calls-per-request",
    expect: { atMost: 1.9 },
    rival: "retry-storm",
  },
  {
    id: "dependencies-quick",
    question: "Does what it depends on answer as fast as before?",
    observe: "dependency-slower",
    expect: { atMost: 2.9 },
    rival: "slow-dependency",
  },
  {
    id: "outside-reached",
    question: "Does anything outside answer?",
    observe: "outside-failing",
    expect: { atMost: 0.98 },
    rival: "network-down",
  },
];

/** A failure around the process explains the symptom better than one inside it. */
const AGAINST_BP = 2_500;

/** One check for each rival that is named, in the order of the list above. */
export function notAround(...rivals: string[]): CheckDraft[] {
  return questions
    .filter((one) => rivals.includes(one.rival))
    .map(({ rival, ...rest }) => ({ ...rest, weight: 0, against: AGAINST_BP, discriminates: [rival] }));
}
