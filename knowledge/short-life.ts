// For a process that opens the embedded store, does one thing and ends. PGlite is WebAssembly, which V8 compiles twice:
// at once, simply, what is called, and by other threads, well, what is called often. The second pays off after minutes.
import { setFlagsFromString } from "node:v8";

/** A hundred times V8's own, in its own rough measure of bytes executed: whoever does so much at once still gets it. */
const OFTEN = 1_300_000_000;

/**
 * Saves about a fifth of the processor time of a command such as `status`. Call it right before the store is opened: what V8
 * keeps compiled of the modules that are loaded after it is not what other commands keep.
 */
export function expectShortLife(): void {
  setFlagsFromString(`--wasm-tiering-budget=${OFTEN}`);
}
