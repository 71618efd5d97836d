// Starts the product in its own process, and asks it things.
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { StoreChoice } from "./benchmark.ts";
import type { Answers, Happening, Told } from "./product-messages.ts";

const PROGRAM = fileURLToPath(new URL("programs/product.ts", import.meta.url));

/** Parts of opsmedic.yaml. */
export interface ProductConfig {
  services: object[];
  healing?: object;
}

export type Product = Awaited<ReturnType<typeof startProduct>>;

/** An empty folder and an open engine over it. Disposing stops what it runs and removes the folder. */
export async function startProduct(
  store: StoreChoice,
  configOf: (folder: string) => Promise<ProductConfig> | ProductConfig,
) {
  const folder = mkdtempSync(join(tmpdir(), "opsmedic-bench-"));
  const child = fork(PROGRAM, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  const waiting = new Map<number, { resolve: (answer: never) => void; reject: (error: Error) => void }>();
  const happenings: Happening[] = [];
  const listeners = new Set<() => void>();
  let asked = 0;

  child.on("message", ({ id, answer, error, happening }: Told) => {
    if (happening) {
      happenings.push(happening);
      for (const listener of listeners) listener();
    }
    const open = waiting.get(id ?? 0);
    waiting.delete(id ?? 0);
    if (error === undefined) open?.resolve(answer as never);
    else open?.reject(new Error(error));
  });
  child.on("exit", (code, signal) => {
    for (const { reject } of waiting.values()) reject(new Error(`the product ended (${code ?? signal})`));
  });

  function ask<K extends keyof Answers>(what: K, about?: unknown): Promise<Answers[K]> {
    const { promise, resolve, reject } = Promise.withResolvers<Answers[K]>();
    waiting.set((asked += 1), { resolve: resolve as (answer: never) => void, reject });
    child.send({ id: asked, ask: what, about });
    return promise;
  }

  /** The first happening of that kind to that service, which may have happened already. */
  async function happened(what: Happening["what"], service: string, withinMs = 60_000): Promise<Happening> {
    const deadline = Date.now() + withinMs;
    for (;;) {
      const found = happenings.find((one) => one.what === what && one.service === service);
      if (found) return found;
      if (Date.now() > deadline)
        throw new Error(`${service}: no "${what}" in time; seen ${JSON.stringify(happenings.slice(-5))}`);
      await new Promise<void>((resolve) => {
        const done = (): void => {
          clearTimeout(timer);
          listeners.delete(done);
          resolve();
        };
        const timer = setTimeout(done, 1_000);
        listeners.add(done);
      });
    }
  }

  const config = await configOf(folder);
  const whole = {
    version: 1,
    dataDir: join(folder, ".opsmedic"),
    discover: { docker: false },
    ...config,
    healing: { validate: { for: "500ms" }, ...config.healing },
  };
  await ask("open", { config: whole, baseDir: folder, url: store.url });
  return {
    folder,
    pid: child.pid ?? 0,
    ask,
    happened,
    async [Symbol.asyncDispose]() {
      const ended = once(child, "exit");
      await ask("close").catch(() => undefined);
      child.disconnect();
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
