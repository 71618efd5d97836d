// Which answers of a server are one and the same server's.
import { expect, it } from "vitest";
import { isSameServer } from "../../tools/actions/postgres/answering-server.ts";

const primary = { system: "7", timeline: "00000001", startedAt: "100.5", place: "10.0.0.1:5432" };
const standby = { ...primary, timeline: null, startedAt: "90.5", place: "10.0.0.2:5432" };

it.each([
  ["itself", primary, primary],
  [
    "after a crash, in a container that got another address",
    primary,
    { ...primary, startedAt: "200.5", place: "10.0.0.9:5432" },
  ],
  ["promoted while it ran", standby, { ...standby, timeline: "00000002" }],
  ["a standby that was started again", standby, { ...standby, startedAt: "200.5" }],
])("knows the same server: %s", (_name, one, other) => {
  expect(isSameServer(one, other)).toBe(true);
});

it.each([
  ["its standby", primary, standby],
  ["its standby, promoted", primary, { ...standby, timeline: "00000002" }],
  ["another standby of the same primary", standby, { ...standby, startedAt: "91.5", place: "10.0.0.3:5432" }],
  [
    "set up anew over the new primary's files",
    primary,
    { ...primary, startedAt: "300.5", timeline: "00000003" },
  ],
  ["other data, begun at the very same moment", primary, { ...primary, system: "8" }],
])("tells another server from it: %s", (_name, one, other) => {
  expect(isSameServer(one, other)).toBe(false);
});
