// How what was done is taken back, and what differs from before: by backups, named for a person to restore.
import { cite } from "../reply.ts";
import { subjectOf } from "../subject.ts";
import { quoted, sentence } from "../words.ts";
import { type Ask, claim, type Draft, whose } from "./rule.ts";
import { nothingOf, topicOf } from "./trouble.ts";

export async function undo(ask: Ask): Promise<Draft> {
  const { question, reading, moment } = ask;
  const { ids, services, span } = question;
  const all = await reading.backups({});
  const subject =
    ids.backup === undefined
      ? await subjectOf(question, reading, (one) => one.status === "RESOLVED")
      : undefined;
  const ofRun = all.filter((one) => subject?.runs.some(({ run }) => run.id === one.runId));
  const ofService = all.filter(
    (one) =>
      services.includes(one.service) && (span === undefined || (one.at >= span.from && one.at <= span.to)),
  );
  const found =
    ids.backup === undefined
      ? [...ofRun, ...ofService.filter((one) => !ofRun.includes(one) && ids.run === undefined)]
      : all.filter((one) => one.id === ids.backup);
  const [latest] = found;
  if (latest) {
    const claims = found
      .slice(0, 3)
      .map((one) =>
        claim(
          `${one.id} holds the state of ${one.service} before ${one.runId}, taken ${moment(one.at)}.`,
          cite("backup", one.id),
        ),
      );
    return {
      claims,
      commands: [`opsmedic backups restore ${latest.id} --dry-run`, `opsmedic backups restore ${latest.id}`],
      topic: { services: [latest.service], runId: latest.runId },
    };
  }
  if (!subject) return nothingOf(ask);
  const read = subject.runs[0];
  const undone = read?.incident?.rollback?.outcome === "undone";
  const text = undone
    ? "was taken back already"
    : "kept no backup, so there is nothing to restore: what it did can be repeated without harm, or it did nothing";
  return {
    claims: read ? [claim(`${read.run.id} ${text}.`, cite("run", read.run.id))] : [],
    note: `I know no backup for ${whose(question)}.`,
    topic: topicOf(subject),
  };
}

export async function diff(ask: Ask): Promise<Draft> {
  const { question, reading } = ask;
  const all = await reading.backups({});
  const subject = question.ids.backup === undefined ? await subjectOf(question, reading) : undefined;
  const backup = all.find((one) =>
    question.ids.backup === undefined
      ? subject?.runs.some(({ run }) => run.id === one.runId)
      : one.id === question.ids.backup,
  );
  if (backup) {
    const files = await reading.diff(backup.id);
    const told = (files ?? []).map((one) =>
      claim(
        `${one.path}, now against ${backup.id}:\n${one.patch.slice(0, 2_000)}`,
        cite("backup", backup.id),
      ),
    );
    const none = claim(
      files
        ? `Nothing differs between now and ${backup.id} in the files that it holds.`
        : `${backup.id} cannot be compared just now.`,
      cite("backup", backup.id),
    );
    return {
      claims: told.length > 0 ? told : [none],
      commands: [`opsmedic backups diff ${backup.id}`],
      topic: {
        services: [backup.service],
        runId: backup.runId,
        ...(subject && { incidentId: subject.incident.id }),
      },
    };
  }
  const read = subject?.runs[0];
  if (!subject || !read) return nothingOf(ask);
  const { plan } = read.incident ?? {};
  const planned = plan
    ? plan.actions.map((one) =>
        claim(
          `Planned by ${read.run.id} (${plan.fix}), step ${one.step}: ${one.action} at ${one.service} ${quoted(JSON.stringify(one.params))}. ${sentence(plan.title)}`,
          read.at("decide"),
          cite("run", read.run.id),
        ),
      )
    : [claim(`${read.run.id} planned no change.`, cite("run", read.run.id))];
  return { claims: planned, topic: topicOf(subject) };
}
