// The engine asks for runs before the queue exists; what it asked until then is kept.
type Request = (service: string, reason: string) => Promise<void>;

export type RunRequests = ReturnType<typeof makeRunRequests>;

export function makeRunRequests() {
  const early: [string, string][] = [];
  let send: Request | undefined;
  return {
    request: async (service: string, reason: string): Promise<void> => {
      if (send) await send(service, reason);
      else early.push([service, reason]);
    },
    bind(to: Request): void {
      send = to;
      for (const [service, reason] of early.splice(0)) void to(service, reason);
    },
  };
}
