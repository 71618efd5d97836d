// What customers of a database who were not served write into a log that the server of the lab reads.
import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { messageOf } from "../../domain/errors.ts";
import type { Ground } from "./fault.ts";

export function openComplaints({ folder }: Pick<Ground, "folder">) {
  const path = join(folder, "customers.log");
  writeFileSync(path, "");
  return {
    path,
    note: (error: unknown): void =>
      appendFileSync(path, `${new Date().toISOString()} ERROR ${messageOf(error)}\n`),
  };
}
