// What every kind of probe must do, whatever it speaks: never throw, keep its time limit, obey its caller, say in
// one word what went wrong, and leave no connection behind.
import net, { type AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import type { ProbeSignal } from "../../domain/signal.ts";

export interface ProbedKind {
  /** Probes whatever listens on this loopback port. */
  askAt(port: number, options: { timeoutMs: number; signal?: AbortSignal }): Promise<ProbeSignal>;
  /** A real server of this kind that is well. */
  well(): Promise<{ port: number; stop(): Promise<void> }>;
  /** Whether a server that accepts and stays silent fails the probe (not for TCP, which asks nothing more). */
  needsAnswer: boolean;
}

export function proberContract(name: string, kind: ProbedKind): void {
  describe(`${name} as a probe`, () => {
    let server: { port: number; stop(): Promise<void> };
    beforeAll(async () => {
      server = await kind.well();
    });
    afterAll(() => server?.stop());

    const closing: (() => void)[] = [];
    afterEach(() => {
      for (const close of closing.splice(0)) close();
    });

    async function listen(onConnection: (socket: net.Socket) => void) {
      let open = 0;
      let accepted = 0;
      const listener = net.createServer((socket) => {
        open += 1;
        accepted += 1;
        socket
          .on("error", () => {})
          .on("close", () => {
            open -= 1;
          });
        socket.resume(); // unread data would hide that the other side hung up
        onConnection(socket);
      });
      await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
      closing.push(() => listener.close());
      return {
        port: (listener.address() as AddressInfo).port,
        open: () => open,
        accepted: () => accepted,
      };
    }

    it("is content with a real server and says how long it took", async () => {
      const seen = await kind.askAt(server.port, { timeoutMs: 5_000 });
      expect(seen).toMatchObject({ kind: "probe", ok: true });
      expect(seen.latencyMs).toBeGreaterThan(0);
      expect(seen.failure).toBeUndefined();
    });

    it("says refused where nobody listens", async () => {
      const gone = await listen(() => {});
      closing.splice(0).forEach((close) => close());
      const seen = await kind.askAt(gone.port, { timeoutMs: 5_000 });
      expect(seen).toMatchObject({ ok: false, failure: "refused" });
      expect(seen.latencyMs).toBeUndefined();
      expect(seen.error).not.toBe("");
    });

    it("says aborted when its caller gave up before", async () => {
      const seen = await kind.askAt(server.port, { timeoutMs: 5_000, signal: AbortSignal.abort() });
      expect(seen).toMatchObject({ ok: false, failure: "aborted" });
    });

    it.runIf(kind.needsAnswer)(
      "says timeout where a server accepts and stays silent, and hangs up",
      async () => {
        const silent = await listen(() => {});
        const seen = await kind.askAt(silent.port, { timeoutMs: 150 });
        expect(seen).toMatchObject({ ok: false, failure: "timeout" });
        expect(silent.accepted()).toBe(1);
        await vi.waitFor(() => expect(silent.open()).toBe(0), { timeout: 5_000 });
      },
    );

    it.runIf(kind.needsAnswer)("stops at once and hangs up when its caller gives up", async () => {
      const caller = new AbortController();
      const silent = await listen(() => caller.abort());
      const seen = await kind.askAt(silent.port, { timeoutMs: 50_000, signal: caller.signal });
      expect(seen).toMatchObject({ ok: false, failure: "aborted" });
      await vi.waitFor(() => expect(silent.open()).toBe(0), { timeout: 5_000 });
    });

    it.runIf(kind.needsAnswer)("says reset when the server throws it out", async () => {
      const rude = await listen((socket) => socket.resetAndDestroy());
      expect(await kind.askAt(rude.port, { timeoutMs: 5_000 })).toMatchObject({
        ok: false,
        failure: "reset",
      });
    });

    it.runIf(kind.needsAnswer)("survives a server that speaks another language", async () => {
      const other = await listen((socket) => socket.end("\u0000\u0001SSH-2.0-OpenSSH_9.6\r\n\r\n"));
      expect(await kind.askAt(other.port, { timeoutMs: 2_000 })).toMatchObject({ ok: false });
      await vi.waitFor(() => expect(other.open()).toBe(0), { timeout: 5_000 });
    });

    it("leaves no listener behind on a signal that lives as long as the program", async () => {
      const caller = new AbortController();
      const added = vi.spyOn(caller.signal, "addEventListener");
      const removed = vi.spyOn(caller.signal, "removeEventListener");
      await kind.askAt(server.port, { timeoutMs: 5_000, signal: caller.signal });
      expect(added.mock.calls.length).toBeGreaterThan(0);
      expect(removed.mock.calls.length).toBe(added.mock.calls.length);
    });
  });
}
