// The catalogue's parts for actions that keep nothing: no history of files, and nothing to set aside.
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CatalogueParts } from "../../tools/actions/catalogue.ts";
import { makeSetAside } from "../../tools/set-aside.ts";

const refuse = (): Promise<never> => Promise.reject(new Error("nobody keeps files here"));
export const keptNothing: CatalogueParts = {
  fileHistory: { keepGood: refuse, lastGood: async () => undefined },
  freeSpace: { setAside: makeSetAside(join(tmpdir(), `opsmedic-copies-${process.pid}`)), ownFolders: [] },
  images: {} as never,
  containers: {} as never,
};
