// Leases: who may act on a service right now. Each new holder gets a greater token, and a write under an older
// one is refused, so that a worker that froze and woke up harms nothing.
import { z } from "zod";
import type { Clock } from "../domain/clock.ts";
import { HealError } from "../domain/errors.ts";
import type { Queryable } from "./db.ts";
import type { Lease, Leases } from "./records.ts";
import { int8, rowsAs, whole } from "./rows.ts";

const leaseRow: z.ZodType<Lease> = z.object({
  name: z.string(),
  holder: z.string(),
  token: int8,
  expiresAt: int8,
});
const columns = `name, holder, token, expires_at as "expiresAt"`;
const mine = "name = $1 and holder = $2 and token = $3 and expires_at > $4";

export function makeLeases(db: Queryable, clock: Clock): Leases {
  const now = (): number => whole(clock.now());
  return {
    async acquire(name, holder, forMs) {
      // The token of an update is drawn after the row is locked; drawn earlier, a slower taker could get a smaller one.
      const rows = await db.query(
        `insert into opsmedic.leases as l (name, holder, token, expires_at)
         values ($1, $2, nextval('opsmedic.lease_tokens'), $3)
         on conflict (name) do update set holder = excluded.holder, expires_at = excluded.expires_at,
           token = nextval('opsmedic.lease_tokens')
         where l.expires_at <= $4 or l.holder = excluded.holder
         returning ${columns}`,
        [name, holder, now() + whole(forMs), now()],
      );
      return rowsAs(leaseRow, rows, "a lease")[0];
    },
    async renew({ name, holder, token }, forMs) {
      const rows = await db.query(`update opsmedic.leases set expires_at = $5 where ${mine} returning name`, [
        name,
        holder,
        token,
        now(),
        now() + whole(forMs),
      ]);
      return rows.length > 0;
    },
    async release({ name, holder, token }) {
      await db.query(`update opsmedic.leases set expires_at = 0 where ${mine}`, [name, holder, token, now()]);
    },
    async held() {
      const rows = await db.query(
        `select ${columns} from opsmedic.leases where expires_at > $1 order by name`,
        [now()],
      );
      return rowsAs(leaseRow, rows, "a lease");
    },
    async check(lease) {
      const { name, holder, token } = lease;
      const [row] = await db.query(`select 1 from opsmedic.leases where ${mine}`, [
        name,
        holder,
        token,
        now(),
      ]);
      if (row === undefined) throw leaseLost(lease);
    },
  };
}

export function leaseLost({ name, holder, token }: Lease): HealError {
  return new HealError(
    `${holder} no longer holds the lease on ${name} (token ${token}); nothing was written.`,
    {
      code: "lease-lost",
      hint: "It expired or another worker took it over. Stop acting; the new holder looks at the world again.",
    },
  );
}
