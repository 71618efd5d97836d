// The verbs of `opsmedic bench`: each reads a file or folder, hands it to the code in signals/ that the product runs,
// and writes what it says. Each is loaded only when it runs.
export type Request =
  | { verb: "templates" | "errors" | "anomalies" | "forecast" | "crossing"; input: string; output: string }
  | { verb: "rca"; incident: string; normal: string; output: string };

export async function readPublicData(request: Request): Promise<void> {
  switch (request.verb) {
    case "templates":
      return (await import("./templates.ts")).templates(request);
    case "errors":
      return (await import("./errors.ts")).errors(request);
    case "anomalies":
      return (await import("./anomalies.ts")).anomalies(request);
    case "forecast":
      return (await import("./forecast.ts")).forecast(request);
    case "crossing":
      return (await import("./crossing.ts")).crossing(request);
    case "rca":
      return (await import("./rca.ts")).rca(request);
  }
}
