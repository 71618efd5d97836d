// Which services this process may act on: one lease a service, renewed while work goes on, and told at once when it
// is lost. Leases tell processes apart; two jobs of this process are told apart by `busy`.
import { HealError } from "../domain/errors.ts";
import { leaseLost } from "../knowledge/leases.ts";
import type { Lease, Leases } from "../knowledge/records.ts";

export interface OwnServicesParts {
  leases: Leases;
  /** Tells this process from others: the holder of its leases. */
  holder: string;
  /** A killed holder's lease is taken over after this. Renewed three times in it. */
  leaseMs: number;
  /** What the names are, for the names of the leases. */
  kind?: string;
  /** This process was frozen or cut off for too long: whatever it does on the service must stop. */
  onLost: (service: string, why: unknown) => void;
}

export function makeOwnServices({ leases, holder, leaseMs, kind = "service", onLost }: OwnServicesParts) {
  const held = new Map<string, Lease>();
  const busy = new Set<string>();

  async function holding<T>(service: string, lease: Lease, work: () => Promise<T>): Promise<T> {
    held.set(service, lease);
    const renewing = setInterval(() => {
      // A store that does not answer just now says nothing; the next check asks again before anything is done.
      leases.renew(lease, leaseMs).then(
        (kept) => kept || onLost(service, leaseLost(lease)),
        () => undefined,
      );
    }, leaseMs / 3);
    try {
      return await work();
    } finally {
      clearInterval(renewing);
      held.delete(service);
      await leases.release(lease);
    }
  }

  return {
    /** undefined, and nothing is done, when somebody else is at work on the service just now. */
    async exclusively<T>(service: string, work: () => Promise<T>): Promise<T | undefined> {
      if (busy.has(service)) return undefined;
      busy.add(service);
      try {
        const lease = await leases.acquire(`${kind}:${service}`, holder, leaseMs);
        return lease && (await holding(service, lease, work));
      } finally {
        busy.delete(service);
      }
    },

    /** The valid lease. HealError "lease-lost" when the service is not, or no longer, this process's. */
    async check(service: string): Promise<Lease> {
      const lease = held.get(service);
      if (!lease)
        throw new HealError(`This process does not hold the service "${service}".`, { code: "lease-lost" });
      await leases.check(lease);
      return lease;
    },

    isBusy: (service: string): boolean => busy.has(service),
  };
}
