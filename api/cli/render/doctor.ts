// What doctor found: one line a check, and below it what to do.
import type { CheckResult } from "../doctor/check.ts";
import { type Paint, plain, type Style } from "../terminal.ts";
import { columns } from "./table.ts";
import { many } from "./words.ts";

const MARKS: Record<CheckResult["status"], [string, Style]> = {
  ok: ["✓ ok", "green"],
  warn: ["▲ warn", "yellow"],
  fail: ["✕ fail", "red"],
};

export function renderDoctor(results: readonly CheckResult[], paint: Paint = plain): string {
  const lines = columns(
    results.map(({ name, status, text }) => {
      const [mark, style] = MARKS[status];
      return [paint(style, mark), name, text];
    }),
  );
  const withAdvice = lines.flatMap((line, at) => {
    const advice = results[at]?.advice;
    return advice === undefined ? [line] : [line, ...advice.split("\n").map((one) => `          → ${one}`)];
  });
  return [...withAdvice, "", verdict(results)].join("\n");
}

function verdict(results: readonly CheckResult[]): string {
  const failed = results.filter(({ status }) => status === "fail").length;
  const warned = results.filter(({ status }) => status === "warn").length;
  if (failed === 0 && warned === 0) return "All is well.";
  return `${many(failed, "problem")}, ${many(warned, "warning")}.`;
}
