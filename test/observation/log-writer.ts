// A real program that writes numbered lines to a log file, as services do: it appends, and on SIGHUP it opens
// the file by its name again. Run as: node log-writer.ts FILE LINES
import { closeSync, openSync, writeSync } from "node:fs";

const [file = "", lines = "0"] = process.argv.slice(2);
let fd = openSync(file, "a");

process.on("SIGHUP", () => {
  closeSync(fd);
  fd = openSync(file, "a");
});

let line = 0;
const writing = setInterval(() => {
  for (let burst = 0; burst < 20 && line < Number(lines); burst++) {
    // Half a line first, now and then, so that readers meet one that is not finished.
    writeSync(fd, `line ${line}`);
    writeSync(fd, ` of a real program\n`);
    line += 1;
  }
  if (line < Number(lines)) return;
  clearInterval(writing);
}, 1);
