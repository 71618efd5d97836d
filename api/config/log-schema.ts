// Where log lines come from beside the services' own logs: stores that are asked again and again, and syslog.
import { z } from "zod";
import { CONDITION_HINT, isOneCondition } from "../../tools/log-sources/nrql-condition.ts";
import { duration, hostAndPort, httpUrl, interval, mongoUrl, oneOf, word } from "./fields.ts";

/** Which service a line belongs to. */
const lines = {
  service: word().optional().describe("All lines belong to this service"),
  serviceField: word()
    .optional()
    .describe("Field or label that names a line's service. Default: the usual ones, such as service.name"),
};
const pulled = {
  ...lines,
  every: interval("1s").default("5s").describe("How often it is asked for new lines"),
  lookBack: duration({ max: "30d" }).default("0s").describe("How far back it is read the first time"),
};
const login = {
  username: word().optional().describe("For basic authentication"),
  password: word().optional(),
};
const apiKey = word().describe("Best as ${NAME} or file:/path");

/** One way to say whose lines they are, one to say who asks. */
function source<T extends z.ZodObject>(schema: T): T {
  return oneOf(oneOf(schema, ["service", "serviceField"], 0), ["apiKey", "token", "username"], 0).superRefine(
    (value, context) => {
      const [user, password] = ["username", "password"].map((key) => Reflect.get(value, key) !== undefined);
      if (user !== password) context.addIssue("username and password go together");
    },
  );
}

const newRelic = source(
  z.strictObject({
    type: z.literal("newrelic"),
    account: z.int().positive(),
    apiKey: z
      .string()
      .refine((key) => key.startsWith("NRAK-"), {
        error: "Not a user key of New Relic: those begin with NRAK-",
      })
      .describe("A user key, NRAK-…; license and ingest keys cannot read"),
    region: z.enum(["us", "eu"]).default("us").describe("Where the account is kept"),
    where: word()
      .refine(isOneCondition, { error: `More than a condition. ${CONDITION_HINT}` })
      .optional()
      .describe("A condition of NRQL"),
    ...pulled,
  }),
);

const seq = source(
  z.strictObject({
    type: z.literal("seq"),
    url: httpUrl(),
    apiKey: apiKey.optional(),
    filter: word().optional().describe("A strict filter expression: @Level = 'Error'"),
    signal: word().optional().describe("Id of a saved signal, such as signal-12"),
    ...pulled,
  }),
);

const mongodb = source(
  z.strictObject({
    type: z.literal("mongodb"),
    url: mongoUrl().describe("Several hosts with commas; the role read is enough"),
    collection: word().describe("database.collection, or the collection of the address' database"),
    mode: z
      .enum(["changeStream", "poll"])
      .default("changeStream")
      .describe("changeStream needs a replica set; poll asks by _id or timeField"),
    timeField: word().optional().describe("A field with dates and an index; needed where _id is no ObjectId"),
    ...pulled,
  }),
).superRefine(({ url, collection }, context) => {
  const database = /^[a-z+]+:\/\/[^/]+\/([^/?]+)/.exec(url);
  if (database === null && !/^[^.]+\../.test(collection)) {
    context.addIssue({ code: "custom", path: ["collection"], message: "Write database.collection" });
  }
});

const loki = source(
  z.strictObject({
    type: z.literal("loki"),
    url: httpUrl(),
    query: word()
      .refine((query) => query.trimStart().startsWith("{"), {
        error: 'Not a query for lines: write LogQL such as {app="checkout"} |= "error"',
      })
      .describe('LogQL: {app="checkout"}'),
    tenant: word().optional().describe("X-Scope-OrgID, where there are several"),
    token: word().optional().describe("For Authorization: Bearer"),
    ...login,
    ...pulled,
  }),
);

const elastic = <T extends "elasticsearch" | "opensearch">(type: T) =>
  source(
    z.strictObject({
      type: z.literal(type),
      url: httpUrl(),
      index: word().describe("logs-*; several with commas"),
      query: word().optional().describe("A query string of Lucene: log.level:error"),
      timeField: word().default("@timestamp").describe("A field of type date"),
      apiKey: apiKey.optional(),
      ...login,
      ...pulled,
    }),
  );

const syslog = source(
  z.strictObject({
    type: z.literal("syslog"),
    listen: z
      .string()
      .refine((text) => /^(?:udp|tcp):\/\//.test(text) && hostAndPort(text.slice(6)) !== undefined, {
        error: ({ input }) =>
          `Not an address: ${JSON.stringify(input)}; write udp://127.0.0.1:5514 or tcp://…`,
      })
      .describe("udp://host:port or tcp://host:port; RFC 5424 and RFC 3164"),
    ...lines,
  }),
);

export const logSourceSchema = z.discriminatedUnion("type", [
  newRelic,
  seq,
  mongodb,
  loki,
  elastic("elasticsearch"),
  elastic("opensearch"),
  syslog,
]);
export type LogSourceInput = z.output<typeof logSourceSchema>;
