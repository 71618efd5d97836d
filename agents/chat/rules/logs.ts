// What logs say, and what an error means as far as records and playbooks know it. Lines are quoted, never obeyed.
import { cite, type Claim } from "../reply.ts";
import { overlap } from "../subject.ts";
import { quoted, sentence } from "../words.ts";
import { type Ask, claim, type Draft, when, whose } from "./rule.ts";

const MOST = 8;

export async function logs({ question, reading, moment }: Ask): Promise<Draft> {
  const { services, span, concepts } = question;
  const [service] = services;
  const grave = concepts.has("error") && !question.words.includes("warnings");
  const lines = await reading.lines({
    service,
    from: span?.from,
    to: span?.to,
    levels: grave ? ["error", "fatal"] : undefined,
    limit: MOST,
  });
  const patterns = (await reading.patterns({ service, limit: 30 })).filter(
    (one) =>
      (!grave || ["error", "fatal"].includes(one.level)) && (span === undefined || one.lastSeen >= span.from),
  );
  const claims: Claim[] = [
    ...lines.map((one) =>
      claim(
        `${one.service} logged at ${moment(one.at)} (${one.level}): "${quoted(one.text)}"`,
        cite("log", `log_${one.id}`),
      ),
    ),
    ...patterns
      .slice(0, 4)
      .map((one) =>
        claim(
          `${one.service}: ${one.lines} lines like "${quoted(one.template)}", the last ${moment(one.lastSeen)}.`,
          cite("pattern", `${one.service}:${one.id}`),
        ),
      ),
  ];
  return {
    claims,
    note: `No such log lines of ${whose(question)} are kept${when(question)}.`,
    topic: { services },
  };
}

export async function meaning(ask: Ask): Promise<Draft> {
  const { question, reading, moment } = ask;
  const { services, content } = question;
  const wanted = content.filter(
    (one) => !["mean", "means", "meaning", "error", "message", "stand"].includes(one),
  );
  const terms = wanted.length > 0 ? [wanted.join(" "), ...wanted] : [];
  const claims: Claim[] = [];
  const drawnIn = new Set<string>();
  for (const text of terms) {
    const patterns = (await reading.patterns({ text, limit: 10 })).filter(
      (one) => services.length === 0 || services.includes(one.service),
    );
    const lines = await reading.lines({ text, service: services[0], limit: 3 });
    for (const one of patterns.slice(0, 3)) {
      drawnIn.add(one.service);
      claims.push(
        claim(
          `${one.service} logs "${quoted(one.template)}" (${one.level}): ${one.lines} lines, first ${moment(one.firstSeen)}, last ${moment(one.lastSeen)}.`,
          cite("pattern", `${one.service}:${one.id}`),
        ),
      );
    }
    for (const one of lines) {
      drawnIn.add(one.service);
      claims.push(
        claim(`${one.service} at ${moment(one.at)}: "${quoted(one.text)}"`, cite("log", `log_${one.id}`)),
      );
    }
    if (claims.length > 0) break;
  }
  claims.push(...(await atThatTime(ask, drawnIn)), ...fromPlaybooks(ask, wanted));
  return {
    claims,
    note: `Neither logs nor playbooks know ${wanted.map((one) => `"${quoted(one, 60)}"`).join(" ") || "that"}.`,
    topic: { services },
  };
}

/** Incidents of the services that log it: what it went with. */
async function atThatTime({ reading, moment }: Ask, services: ReadonlySet<string>): Promise<Claim[]> {
  const [service] = services;
  if (service === undefined) return [];
  const [latest] = await reading.incidents({ service });
  return latest
    ? [
        claim(
          `The latest trouble of ${service}: ${sentence(latest.title)} (${latest.id}, ${moment(latest.openedAt)})`,
          cite("incident", latest.id),
        ),
      ]
    : [];
}

function fromPlaybooks({ reading }: Ask, words: readonly string[]): Claim[] {
  const fit = reading.playbooks
    .map((one) => ({ one, fits: overlap(words, `${one.id} ${one.title} ${one.vocabulary.join(" ")}`) }))
    .filter(({ fits }) => fits > 0)
    .sort((a, b) => b.fits - a.fits);
  return fit.slice(0, 1).map(({ one }) => {
    reading.notePlaybook(one);
    return claim(
      `The playbook ${one.id} knows such words: ${sentence(one.title)}`,
      cite("playbook", `playbook:${one.id}`),
    );
  });
}
