// Whom the command line talks to: a named server, the one of the data folder, or the store itself.
import { chmod, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { HealError } from "../../domain/errors.ts";
import { makeConnect } from "../../api/cli/connect.ts";
import { announceServer, readAdminToken, runningServer, writeAdminToken } from "../../api/cli/server-file.ts";
import type { Operations } from "../../api/operations.ts";
import { fakeOperations } from "./fake-operations.ts";

let cwd = "";
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), "opsmedic-connect-"));
});
afterEach(() => rm(cwd, { recursive: true }));

const nothing = fakeOperations().operations;
const signal = AbortSignal.timeout(60_000);

const connectWith = (
  info: () => Promise<never> | Promise<object>,
  variables: Record<string, string> = {},
) => {
  const asked: { url: string; token: string }[] = [];
  const connect = makeConnect({
    overHttp(server) {
      asked.push(server);
      return { ...nothing, info } as Operations;
    },
    embedded: async () => ({ operations: nothing, close: async () => undefined }),
    variables,
    cwd,
  });
  return { asked, connect };
};

const well = async () => ({});

describe("finding a server", () => {
  const config = "services: []\ndataDir: data\nstorage: { url: '' }\n";

  beforeEach(() => writeFile(join(cwd, "opsmedic.yaml"), config));

  it("opens the store where none runs", async () => {
    const { connect, asked } = connectWith(well);
    expect(await connect({ signal })).toMatchObject({ via: "embedded" });
    expect(asked).toEqual([]);
  });

  it("shows its own token to its own server, by whatever address, and to no other", async () => {
    const data = join(cwd, "data");
    const withdraw = await announceServer(data, { url: "http://127.0.0.1:8686", pid: process.pid });
    await writeAdminToken(data, "secret-token");
    const { connect, asked } = connectWith(well);
    await connect({ signal, server: "http://127.0.0.1:8686/" });
    expect(asked).toEqual([{ url: "http://127.0.0.1:8686/", token: "secret-token" }]);
    for (const server of ["http://127.0.0.1:8687", "http://elsewhere:8686"])
      await expect(connect({ signal, server })).rejects.toMatchObject({ code: "unauthorized" });
    await expect(connect({ signal, server: "ftp://127.0.0.1" })).rejects.toMatchObject({ code: "usage" });
    expect(asked).toHaveLength(1);
    await withdraw();
  });

  it("talks to the one that announced itself, with the token only its owner may read", async () => {
    const data = join(cwd, "data");
    const withdraw = await announceServer(data, { url: "http://127.0.0.1:1", pid: process.pid });
    await writeAdminToken(data, "secret-token");
    expect((await stat(join(data, "admin-token"))).mode & 0o777).toBe(0o600);

    const { connect, asked } = connectWith(well);
    expect(await connect({ signal })).toMatchObject({ via: "server" });
    expect(asked).toEqual([{ url: "http://127.0.0.1:1", token: "secret-token" }]);

    await withdraw();
    expect(await runningServer(data)).toBeUndefined();
  });

  it("finds it while the configuration is wrong, and says what is wrong where none runs", async () => {
    await writeFile(join(cwd, "opsmedic.yaml"), "services: [{ nme: web }]\n");
    const { connect, asked } = connectWith(well);
    await expect(connect({ signal })).rejects.toMatchObject({ code: "config-invalid" });
    const data = join(cwd, ".opsmedic");
    const withdraw = await announceServer(data, { url: "http://127.0.0.1:1", pid: process.pid });
    await expect(connect({ signal })).rejects.toMatchObject({ code: "config-invalid" });
    await writeAdminToken(data, "secret-token");
    expect(await connect({ signal })).toMatchObject({ via: "server" });
    expect(asked).toEqual([{ url: "http://127.0.0.1:1", token: "secret-token" }]);
    await withdraw();
  });

  it("refuses a token that others can read", async () => {
    await writeAdminToken(cwd, "secret-token");
    await chmod(join(cwd, "admin-token"), 0o644);
    await expect(readAdminToken(cwd)).rejects.toMatchObject({ code: "token-exposed" });
  });

  it("does not trust a process number alone: what does not answer is not a server", async () => {
    await announceServer(join(cwd, "data"), { url: "http://127.0.0.1:1", pid: process.pid });
    await writeAdminToken(join(cwd, "data"), "t");
    const gone = connectWith(() => Promise.reject(new HealError("refused", { code: "server-unreachable" })));
    expect(await gone.connect({ signal })).toMatchObject({ via: "embedded" });
    const strict = connectWith(() => Promise.reject(new HealError("no", { code: "unauthorized" })));
    expect(await strict.connect({ signal })).toMatchObject({ via: "server" });
  });

  it("prefers --server, then OPSMEDIC_URL, and needs a token for both", async () => {
    const variables = { OPSMEDIC_URL: "http://env:1", OPSMEDIC_TOKEN: "t" };
    const { connect, asked } = connectWith(well, variables);
    await connect({ signal, server: "http://flag:1" });
    await connect({ signal });
    expect(asked.map(({ url }) => url)).toEqual(["http://flag:1", "http://env:1"]);
    await expect(connectWith(well).connect({ signal, server: "http://flag:1" })).rejects.toMatchObject({
      code: "unauthorized",
    });
  });
});
