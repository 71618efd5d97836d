// Tokens of a store that only this process writes (the embedded one): what was read of them stays true until one is
// written. A sender of logs shows its token many times a second, and to ask the store costs a millisecond each time.
import { createHash } from "node:crypto";
import type { Tokens } from "./records.ts";

type Found = NonNullable<Awaited<ReturnType<Tokens["find"]>>>;

/** Remembers tokens that are good, by their hash; never that one is not. */
export function rememberedTokens(tokens: Tokens): Tokens {
  const good = new Map<string, Found>();
  let writes = 0;

  function forget(): void {
    writes += 1;
    good.clear();
  }

  /** Forgets before and after: what is read meanwhile may be either. */
  async function writing<Answer>(write: () => Promise<Answer>): Promise<Answer> {
    forget();
    try {
      return await write();
    } finally {
      forget();
    }
  }

  return {
    ...tokens,
    create: (name, role) => writing(() => tokens.create(name, role)),
    put: (name, role, token) => writing(() => tokens.put(name, role, token)),
    async find(token) {
      const hash = createHash("sha256").update(token).digest("base64");
      const known = good.get(hash);
      if (known) return known;
      const asked = writes;
      const found = await tokens.find(token);
      if (found && asked === writes) good.set(hash, found);
      return found;
    },
  };
}
