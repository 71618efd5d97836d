// TCP health checks: a connection can be made. Nothing is sent; the connection is closed at once.
import net from "node:net";
import type { Probe } from "../domain/service.ts";
import { askOnce, type ProbeAnswer } from "./probe-answer.ts";

type TcpProbe = Extract<Probe, { kind: "tcp" }>;

/** Never throws. A port that Docker publishes accepts connections even when nothing listens behind it. */
export function probeTcp(probe: TcpProbe, signal?: AbortSignal): Promise<ProbeAnswer> {
  const limits = { timeoutMs: probe.timeoutMs, maxMs: probe.expect.maxMs };
  return askOnce(limits, signal, (stop) => connect(probe.host, probe.port, stop));
}

function connect(host: string, port: number, stop: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ host, port });
    const close = () => socket.destroy();
    stop.addEventListener("abort", close, { once: true });
    socket.once("error", reject);
    socket.once("connect", () => {
      close();
      resolve();
    });
  });
}
