// A history of files in which nothing was kept.
import type { FileHistory } from "../../tools/backup.ts";

const refuse = (): Promise<never> => Promise.reject(new Error("nobody keeps files here"));
export const keptNothing: FileHistory = { keepGood: refuse, lastGood: async () => undefined };
