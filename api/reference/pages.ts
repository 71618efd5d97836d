// Which pages of docs/reference are made from the program.
import { commandLinePage } from "./command-line.ts";
import { configurationPage } from "./configuration.ts";
import { httpApiPage } from "./http-api.ts";

/** Path in the project, and text. */
export function referencePages(): { path: string; text: string }[] {
  return [
    { path: "docs/reference/command-line.md", text: commandLinePage() },
    { path: "docs/reference/configuration.md", text: configurationPage() },
    { path: "docs/reference/http-api.md", text: httpApiPage() },
  ];
}
