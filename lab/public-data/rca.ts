// Root causes of public outages: a folder of the outage's metrics, logs and traces, and one of a normal period, in the
// layouts that the data came in; what is not there is left out.
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Dependency, Symptom } from "../../signals/root-cause/evidence.ts";
import { type Observations, rankedCauses } from "../../signals/root-cause/observe.ts";
import type { LogEvent } from "../../signals/root-cause/log-words.ts";
import type { Point, Series } from "../../signals/root-cause/series.ts";
import type { Span } from "../../signals/root-cause/spans.ts";

interface CaseFile {
  /** Unix seconds. */
  time?: number;
  symptom?: { node: string; metric?: string; statistic?: string; time?: number };
}

export async function rca(request: { incident: string; normal: string; output: string }): Promise<void> {
  const [normal, during, dependencies, about] = await Promise.all([
    observationsIn(request.normal),
    observationsIn(request.incident),
    callsIn(request.normal, request.incident),
    jsonIn<CaseFile>(join(request.incident, "case.json")),
  ]);
  const symptom = symptomOf(about);
  const since = about?.time === undefined ? undefined : about.time * 1_000;
  const { ranked, kind } = rankedCauses({
    normal,
    during,
    dependencies,
    ...(since !== undefined && { since }),
    ...(symptom && { symptom }),
  });
  const suspects = ranked.map(({ service, confidence }) => ({ node: service, confidence }));
  await writeFile(request.output, JSON.stringify({ ranked: suspects, kind: kind ?? "unknown" }));
}

function symptomOf(about: CaseFile | undefined): Symptom | undefined {
  const { node, time = 0, metric, statistic } = about?.symptom ?? {};
  if (node === undefined) return undefined;
  return {
    service: node,
    at: time * 1_000,
    ...(metric !== undefined && { metric }),
    ...(statistic !== undefined && { statistic }),
  };
}

async function observationsIn(folder: string): Promise<Observations> {
  const [metrics, traces, logs] = await Promise.all([
    rowsIn(join(folder, "metrics.csv")),
    rowsIn(join(folder, "traces.csv")),
    textIn(join(folder, "logs.jsonl")),
  ]);
  return { series: seriesOf(metrics), spans: spansOf(traces), logs: logsOf(logs) };
}

async function callsIn(...folders: string[]): Promise<Dependency[]> {
  const files = folders.map((one) => jsonIn<{ calls?: [string, string][] }>(join(one, "topology.json")));
  return (await Promise.all(files)).flatMap((one) => (one?.calls ?? []).map(([from, to]) => ({ from, to })));
}

async function textIn(path: string): Promise<string> {
  return existsSync(path) ? readFile(path, "utf8") : "";
}

async function jsonIn<Shape>(path: string): Promise<Shape | undefined> {
  const text = await textIn(path);
  return text === "" ? undefined : (JSON.parse(text) as Shape);
}

/** Rows of cells; quoted cells may hold commas. */
async function rowsIn(path: string): Promise<string[][]> {
  return (await textIn(path))
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => (line.includes('"') ? quotedCells(line) : line.trimEnd().split(",")));
}

function quotedCells(line: string): string[] {
  const cells = line.trimEnd().match(/(?:"(?:[^"]|"")*"|[^,]*)(?:,|$)/g) ?? [];
  return cells.slice(0, line.trimEnd().endsWith(",") ? undefined : -1).map((one) =>
    one
      .replace(/,$/, "")
      .replace(/^"([\s\S]*)"$/, "$1")
      .replaceAll('""', '"'),
  );
}

/** Either `time,node,metric,…` with a row for each node, or `time,node|metric|statistic,…` with a row for each time. */
function seriesOf([head = [], ...rows]: string[][]): Series[] {
  const long = head[1] === "node";
  const found = new Map<string, { service: string; name: string; points: Point[] }>();
  for (const row of rows) {
    const at = Number(row[0]) * 1_000;
    for (let column = long ? 2 : 1; column < head.length; column++) {
      const cell = row[column];
      if (cell === undefined || cell === "") continue;
      const [service, name] = long ? [row[1] ?? "", head[column] ?? ""] : nodeAndMetric(head[column] ?? "");
      const key = `${service}\u0000${name}`;
      const series = found.get(key) ?? { service, name, points: [] };
      found.set(key, series);
      series.points.push({ at, value: Number(cell) });
    }
  }
  const all = [...found.values()];
  for (const one of all) one.points.sort((a, b) => a.at - b.at);
  return all;
}

function nodeAndMetric(column: string): [string, string] {
  const [node = "", ...metric] = column.split("|");
  return [node, metric.join("|")];
}

function spansOf([head = [], ...rows]: string[][]): Span[] {
  const column = (name: string) => head.indexOf(name);
  const names = ["trace", "span", "parent", "node", "operation", "start_us", "duration_us"].map(column);
  return rows.map((row) => {
    const [trace, id, parent, service, operation, start, duration] = names.map((index) => row[index] ?? "");
    return {
      trace: trace ?? "",
      id: id ?? "",
      parent: parent ?? "",
      service: service ?? "",
      operation: operation ?? "",
      start: Number(start) / 1_000,
      duration: Number(duration) / 1_000,
    };
  });
}

function logsOf(text: string): LogEvent[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const { t, node, msg } = JSON.parse(line) as { t: number; node: string; msg: string };
      return { service: node, at: t / 1_000, text: msg };
    });
}
