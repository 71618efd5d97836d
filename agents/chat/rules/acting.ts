// What was not done and why, what would be done, how it is taken back. The chat itself does nothing: it names the
// command or the approval, and a person runs it.
import { cite } from "../reply.ts";
import { subjectOf } from "../subject.ts";
import { percentOf, sentence } from "../words.ts";
import { decisionClaim, endingOf } from "./endings.ts";
import { type Ask, causeClaims, claim, type Draft } from "./rule.ts";
import { nothingOf, topicOf } from "./trouble.ts";

export async function notFixed(ask: Ask): Promise<Draft> {
  const { question, reading, moment } = ask;
  if (question.unknownService !== undefined) return nothingOf(ask);
  const subject = await subjectOf(
    await byEnding(ask),
    reading,
    (one) => one.status !== "RESOLVED" && !one.partOf,
  );
  if (!subject) return nothingOf(ask);
  const { incident, runs } = subject;
  const [read] = runs;
  if (!read)
    return {
      claims: [
        claim(
          `${incident.id} was opened (${sentence(incident.title)}), and no run has looked into it.`,
          cite("incident", incident.id),
        ),
      ],
      topic: topicOf(subject),
    };
  const claims = [
    claim(
      `${sentence(incident.title)} (${incident.id}, ${read.run.id}: ${read.run.outcome ?? "waits"})`,
      cite("incident", incident.id),
      cite("run", read.run.id),
    ),
    ...causeClaims(read),
    ...(await endingOf(read, reading, moment)),
  ];
  const approval = await reading.approvalOf(read.run.id);
  return {
    claims,
    commands: approval?.status === "pending" ? [approveCommand(approval.id)] : [],
    topic: topicOf(subject),
  };
}

/** "rolled back", "rejected": the run that ended so. */
async function byEnding({ question, reading }: Ask): Promise<Ask["question"]> {
  const { concepts, ids, services, span } = question;
  const outcome = concepts.has("rolled") ? "rolled-back" : concepts.has("reject") ? "rejected" : undefined;
  if (outcome === undefined || Object.keys(ids).length > 0) return question;
  const [run] = await reading.runs({ service: services[0], from: span?.from, to: span?.to, outcome });
  return run ? { ...question, ids: { run: run.id } } : question;
}

export const approveCommand = (id: string): string => `opsmedic approvals approve ${id} --reason "…"`;

/** What is proposed for what goes on, or was for what went on. */
export async function wouldDo(ask: Ask): Promise<Draft> {
  const { question, reading, moment } = ask;
  if (question.unknownService !== undefined) return nothingOf(ask);
  const subject = await subjectOf(question, reading, (one) => one.status !== "RESOLVED");
  const read = subject?.runs[0];
  if (!subject || !read) return nothingOf(ask);
  const { plan, noPlan, diagnosis } = read.incident ?? {};
  const score = diagnosis?.hypotheses[0]?.scoreBp;
  const claims = [
    claim(
      `This is about ${subject.incident.id}: ${sentence(subject.incident.title)}`,
      cite("incident", subject.incident.id),
    ),
    ...(plan
      ? [
          claim(
            `I would: ${plan.title} (${plan.fix}, risk ${plan.risk}${score === undefined ? "" : `, ${percentOf(score)} sure of the cause`}).`,
            read.at("decide"),
            read.at("diagnose"),
            cite("run", read.run.id),
          ),
        ]
      : [
          claim(
            `I have no fix for it: ${sentence(noPlan ?? "no playbook offers one")}`,
            cite("run", read.run.id),
          ),
        ]),
  ];
  const approval = await reading.approvalOf(read.run.id);
  if (approval) claims.push(decisionClaim(approval, moment));
  const pending = approval?.status === "pending";
  return {
    claims,
    commands: pending
      ? [`opsmedic approvals show ${approval.id}`, approveCommand(approval.id)]
      : [`opsmedic heal ${subject.incident.service} --dry-run`],
    topic: topicOf(subject),
  };
}

/** Somebody asks the chat to act. */
export async function act(ask: Ask): Promise<Draft> {
  const { question, reading, moment } = ask;
  const { act: verb = "", ids, services } = question;
  const note = "I change nothing from here; a person does it so:";
  if (ids.approval !== undefined || verb === "approve" || verb === "reject") {
    const pending = await reading.approvals(
      ids.approval === undefined ? { status: "pending", service: services[0] } : {},
    );
    const chosen = pending.filter((one) => ids.approval === undefined || one.id === ids.approval);
    const commands = chosen
      .filter((one) => one.status === "pending")
      .map((one) => `opsmedic approvals ${verb === "reject" ? "reject" : "approve"} ${one.id} --reason "…"`);
    return {
      claims: chosen.map((one) => decisionClaim(one, moment)),
      note: chosen.length > 0 ? note : "Nothing waits for approval.",
      commands,
    };
  }
  // Stopped without a name is opsmedic itself.
  if (verb === "pause" || verb === "resume" || (verb === "stop" && services.length === 0))
    return { claims: [], note, commands: [verb === "resume" ? "opsmedic resume" : "opsmedic pause 1h"] };
  const known = (await reading.services()).filter((one) => services.includes(one.service));
  return {
    claims: known.map((one) =>
      claim(`${one.service} is ${one.level} now.`, cite("service", `service:${one.service}`)),
    ),
    note,
    commands: known.map((one) => `opsmedic heal ${one.service}`),
    topic: { services },
  };
}
