// node lab/calibration.ts FILE… [--json]: how far the stated confidence can be believed, over recorded runs of the demo's
// faults. A file holds one recording a line: {"fault": "crash", "run": …}, the run as `opsmedic runs export` writes it.
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { renderCurve } from "../api/cli/render/learned.ts";
import { messageOf } from "../domain/errors.ts";
import { type FaultCalibration, faultCalibration, readRecordings } from "./fault-calibration.ts";

const { values, positionals } = parseArgs({
  options: { json: { type: "boolean", default: false } },
  allowPositionals: true,
});

function text({ diagnosed, passedOver, cause, healing, wrong }: FaultCalibration): string {
  return [
    `${diagnosed} runs with a diagnosis, ${passedOver} without`,
    "",
    "Was the cause right?",
    renderCurve(cause),
    "",
    "Did the fix heal?",
    renderCurve(healing),
    ...wrong.map(
      (one) => `wrong: ${one.fault} was called ${one.named} at ${one.scoreBp / 100} % (${one.run})`,
    ),
    "",
  ].join("\n");
}

try {
  const found = faultCalibration(positionals.flatMap((file) => readRecordings(readFileSync(file, "utf8"))));
  process.stdout.write(values.json ? `${JSON.stringify(found, null, 2)}\n` : text(found));
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = 1;
}
