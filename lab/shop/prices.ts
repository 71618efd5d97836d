// Prices of the five products, from the partner and kept for a while. A partner that does not answer costs freshness,
// not sales: the last known price is used.

export const products = ["bread", "cheese", "olives", "figs", "wine"] as const;

interface Price {
  cents: number;
}

interface Kept {
  price: Price | undefined;
  until: number;
}

export function makePrices(partner: {
  url: string;
  timeoutMs: () => number;
  ttlMs: () => number;
  onTrouble: (why: string) => void;
}) {
  const kept = new Map<string, Kept>(products.map((name) => [name, { price: { cents: 250 }, until: 0 }]));

  async function fetchPrice(name: string): Promise<Price> {
    const signal = AbortSignal.timeout(partner.timeoutMs());
    const response = await fetch(`${partner.url}/price?product=${name}`, { signal });
    if (!response.ok) throw new Error(`the partner answered ${response.status}`);
    return (await response.json()) as Price;
  }

  return {
    async of(name: string): Promise<Price | undefined> {
      const old = kept.get(name);
      if (old !== undefined && old.until > Date.now()) return old.price;
      try {
        const price = await fetchPrice(name);
        kept.set(name, { price, until: Date.now() + partner.ttlMs() });
        return price;
      } catch (error) {
        partner.onTrouble(`price of ${name}: ${error instanceof Error ? error.message : String(error)}`);
        kept.set(name, { price: old?.price, until: Date.now() + partner.ttlMs() });
        return old?.price;
      }
    },
    /** The fault: entries without a price that never expire. Only a new process gets rid of them. */
    poison(count: number): void {
      for (const name of products.slice(0, count)) kept.set(name, { price: undefined, until: Infinity });
    },
    forget(): void {
      for (const one of kept.values()) one.until = 0;
      for (const name of products) kept.set(name, { price: { cents: 250 }, until: 0 });
    },
  };
}
