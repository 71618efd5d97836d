// Open files: close to the number of files and connections that the service may have open. At the limit it accepts
// nothing more, and what it says then ("EMFILE") is often said nowhere.
import type { Detector } from "../detector.ts";
import { allowanceFinding } from "./allowance.ts";

export const openFiles: Detector = (view) =>
  allowanceFinding(view, "open-files", "files and connections that it may have open");
