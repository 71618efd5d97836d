// How things are now: what is broken, whether a service is well.
import { cite, type Claim } from "../reply.ts";
import { joined, sentence, spanText } from "../words.ts";
import { stateOf } from "../sources.ts";
import { type Ask, claim, type Draft, whose } from "./rule.ts";

export async function brokenNow({ question, reading, moment }: Ask): Promise<Draft> {
  const [services, incidents, waiting] = await Promise.all([
    reading.services(),
    reading.incidents({ open: true }),
    reading.approvals({ status: "pending" }),
  ]);
  const chosen = services.filter(
    (one) => question.services.length === 0 || question.services.includes(one.service),
  );
  const ill = chosen.filter((one) => one.level === "critical" || one.level === "warning");
  const unseen = chosen.filter((one) => one.level === "unknown");
  const claims: Claim[] = [
    ...ill.map((one) =>
      claim(
        `${one.service} is ${one.level}: ${joined(one.findings.map((each) => sentence(each.summary)))}`,
        cite("service", `service:${one.service}`),
      ),
    ),
    ...incidents.map((one) =>
      claim(
        `${one.id} is open since ${moment(one.openedAt)}${one.status === "ESCALATED" ? ", left to a person" : ""}: ${sentence(one.title)}`,
        cite("incident", one.id),
      ),
    ),
    ...waiting.map((one) =>
      claim(
        `${one.id} waits for approval until ${moment(one.expiresAt)}: ${sentence(one.summary)}`,
        cite("approval", one.id),
      ),
    ),
    ...unseen.map((one) =>
      claim(
        `Of ${one.service} I see nothing: ${sentence(one.blind ?? "not looked at yet")}`,
        cite("service", `service:${one.service}`),
      ),
    ),
  ];
  for (const [state, word] of [
    ["healthy", "Healthy"],
    ["stopped", "Stopped by their operator"],
  ] as const) {
    const those = chosen.filter((one) => stateOf(one) === state);
    if (those.length > 0)
      claims.push(
        claim(
          `${word} at the last look: ${joined(those.map((one) => one.service))}.`,
          ...those.map((one) => cite("service", `service:${one.service}`)),
        ),
      );
  }
  return {
    claims,
    note: "I watch no service yet.",
    topic: ill.length === 1 && ill[0] ? { services: [ill[0].service] } : {},
  };
}

export async function healthy(ask: Ask): Promise<Draft> {
  const { question, reading, moment } = ask;
  const claims = await healthClaims(ask);
  for (const service of question.services) {
    const [open] = await reading.incidents({ service, status: "ACTIVE" });
    if (open)
      claims.push(
        claim(
          `${open.id} is open since ${moment(open.openedAt)}: ${sentence(open.title)}`,
          cite("incident", open.id),
        ),
      );
  }
  return { claims, note: `I know nothing of ${whose(question)}.`, topic: { services: question.services } };
}

export async function healthClaims({ question, reading, now }: Ask): Promise<Claim[]> {
  const services = (await reading.services()).filter((one) => question.services.includes(one.service));
  return services.map((one) => {
    const looked =
      one.checkedAt === null
        ? "It was not looked at yet."
        : `I looked ${spanText(Math.max(0, now - one.checkedAt))} ago.`;
    const seen = one.findings.map((each) => sentence(each.summary)).join(" ");
    const blind = one.level === "unknown" && one.blind ? ` ${sentence(one.blind)}` : "";
    const answers =
      one.latencyMs === null || one.level === "unknown" ? "" : `, it answers in ${one.latencyMs} ms`;
    return claim(
      `${one.service} is ${stateOf(one)}${answers}.${blind} ${seen} ${looked}`.replaceAll(/ +/g, " "),
      cite("service", `service:${one.service}`),
    );
  });
}
