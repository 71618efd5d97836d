// Threads: close to the number of threads and processes that the service may have; at the limit nothing can be started.
import type { Detector } from "../detector.ts";
import { allowanceFinding } from "./allowance.ts";

export const threads: Detector = (view) =>
  allowanceFinding(view, "threads", "threads and processes that it may have");
