// What a replica of MySQL or MariaDB says of the error at which it stopped, and what a person can do about it.
import { inspectorFor } from "./inside-database.ts";
import { type Observer, plainLine, seen, unseen } from "./observer.ts";

/** By the number of the error. Skipping an event by itself would leave the two different without anybody knowing. */
const adviceBy: Readonly<Record<string, string>> = {
  "1062":
    "It holds a row already that its primary has only now: see who writes to the replica (read_only = ON keeps others from it), compare the row with the primary's, remove the replica's where that is right, then START REPLICA",
  "1032":
    "It lacks a row that its primary changed: see who writes to the replica (read_only = ON keeps others from it), put the row back as the primary had it, then START REPLICA; where more is missing, build the replica anew",
  "1146": "It lacks a table that its primary has: make it there as it is on the primary, then START REPLICA",
  "1236":
    "Its primary has removed the binary logs that it still needs: build the replica anew from a backup of the primary",
  "1045": "Its primary does not take its password: see the user of replication there, and CHANGE MASTER",
};
const OTHERWISE =
  "See what its log says, put right what differs from the primary, then START REPLICA; skipping the event would leave them different";
const BY_HAND = "Somebody stopped it: START REPLICA, unless that is meant";

/** The error of its link, or else of its applier; null: it says none. */
const replicationErrorSeen: Observer = async (look) => {
  const mysql = await inspectorFor(look, "mysql");
  const words = (await mysql?.look(look.signal))?.words;
  if (words?.role !== "replica") return unseen("it is no replica, or that cannot be seen");
  const error = words["replication-error"];
  const stopped = words.link === "down" || words.applier === "stopped";
  if (error === undefined)
    return seen({ value: null, advice: BY_HAND }, stopped ? "it tells of no error" : "it has no error");
  const code = /^error (\d+)/.exec(error)?.[1] ?? "";
  return seen({ value: plainLine(error, 200), advice: adviceBy[code] ?? OTHERWISE }, plainLine(error, 200));
};

export const mysqlReplicationObservers: Record<string, Observer> = {
  "mysql-replication-error": replicationErrorSeen,
};
