// Conversations: each its owner's own, going on, bounded, and forgotten after their time.
import { expect, it } from "vitest";
import { describeOnEachDriver } from "./each-driver.ts";

const turn = (question: string, at = 1) => ({ at, question, answer: `answer to ${question}` });

describeOnEachDriver("Conversations", (open) => {
  it("go on for their owner, and do not exist for others", async () => {
    await using site = await open();
    const { conversations } = site.store;
    const id = (await conversations.add(undefined, "ada", turn("why?\0"), { services: ["web"] })) ?? "";
    site.clock.advance(5_000);
    expect(await conversations.add(id, "ada", turn("and now?", 2), { services: ["cache"] })).toBe(id);
    expect(await conversations.get(id, "ada")).toEqual({
      id,
      owner: "ada",
      topic: { services: ["cache"] },
      turns: [
        { at: 1, question: "why?\uFFFD", answer: "answer to why?\uFFFD" },
        { at: 2, question: "and now?", answer: "answer to and now?" },
      ],
      beganAt: site.clock.now() - 5_000,
      updatedAt: site.clock.now(),
    });
    expect(await conversations.get(id, "eve")).toBeUndefined();
    expect(await conversations.add(id, "eve", turn("tell me"), {})).toBeUndefined();
    expect((await conversations.get(id, "ada"))?.turns).toHaveLength(2);
  });

  it("keep the latest 50 turns, in their order, also of questions at once", async () => {
    await using site = await open();
    const { conversations } = site.store;
    const id = (await conversations.add(undefined, "ada", turn("0"), {})) ?? "";
    for (let count = 1; count <= 51; count += 1) await conversations.add(id, "ada", turn(String(count)), {});
    const turns = (await conversations.get(id, "ada"))?.turns.map((one) => one.question);
    expect(turns).toEqual(Array.from({ length: 50 }, (_, index) => String(index + 2)));
    await Promise.all(["a", "b", "c"].map((one) => conversations.add(id, "ada", turn(one), {})));
    const after = (await conversations.get(id, "ada"))?.turns.slice(-3).map((one) => one.question);
    expect(after?.sort()).toEqual(["a", "b", "c"]);
  });

  it("are pruned when nobody went on with them", async () => {
    await using site = await open();
    const { conversations } = site.store;
    const old = (await conversations.add(undefined, "ada", turn("old"), {})) ?? "";
    site.clock.advance(1_000);
    const fresh = (await conversations.add(undefined, "ada", turn("fresh"), {})) ?? "";
    expect(await conversations.prune(site.clock.now())).toBe(1);
    expect(await conversations.get(old, "ada")).toBeUndefined();
    expect(await conversations.get(fresh, "ada")).toBeDefined();
  });

  it("leave an owner the latest 200", async () => {
    await using site = await open();
    const { conversations } = site.store;
    const other = (await conversations.add(undefined, "bob", turn("mine"), {})) ?? "";
    const first = (await conversations.add(undefined, "ada", turn("0"), {})) ?? "";
    for (let count = 1; count <= 200; count += 1) {
      site.clock.advance(1);
      await conversations.add(undefined, "ada", turn(String(count)), {});
    }
    const [row] = await site.db.query<{ count: number }>(
      "select count(*)::int as count from opsmedic.conversations where owner = 'ada'",
    );
    expect(row?.count).toBe(200);
    expect(await conversations.get(first, "ada")).toBeUndefined();
    expect(await conversations.get(other, "bob")).toBeDefined();
  });
});
