// Test customers who reserve at the stock all the time, and count whose reservation was lost. A POST: no proxy tries it
// again somewhere else.
import { logPlain } from "./plain-lines.ts";

const EVERY_MS = 250;
const OPEN_EVERY_MS = 500;
/** A slow answer is an answer: it is lost only with the connection, or with nobody's patience being endless. */
const PATIENCE_MS = 10_000;
const TOLD_EVERY = 40;

/** They come when it has opened, whichever of the two was started first. */
export function sendCustomers(stock: string, reasonOf: (error: unknown) => string) {
  const seen = { reserved: 0, lost: 0 };

  async function reserve(): Promise<void> {
    try {
      await ask("POST", "/reserve");
      seen.reserved += 1;
    } catch (error) {
      seen.lost += 1;
      logPlain("WARN", `POST ${stock}/reserve: ${reasonOf(error)}, lost`);
    }
    const { reserved, lost } = seen;
    if ((reserved + lost) % TOLD_EVERY === 0) logPlain("INFO", `reserved ${reserved}, ${lost} lost`);
  }

  async function ask(method: "GET" | "POST", path: string): Promise<void> {
    const response = await fetch(`${stock}${path}`, { method, signal: AbortSignal.timeout(PATIENCE_MS) });
    await response.arrayBuffer();
    if (!response.ok) throw new Error(`it answered ${response.status}`);
  }

  function whenOpen(): void {
    ask("GET", "/healthz").then(
      // The next one comes however long those before take: some are always under way where it is slow.
      () => void setInterval(() => void reserve(), EVERY_MS),
      () => void setTimeout(whenOpen, OPEN_EVERY_MS),
    );
  }

  whenOpen();
  return seen;
}
