// A folder with a service's own migrations, for tests: on disk, gone when disposed.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { MigrationFiles } from "../../domain/service.ts";

export interface MigrationFolder extends Disposable {
  spec: MigrationFiles;
  path(name: string): string;
  write(name: string, content: string): void;
}

export function migrationFolder(files: Readonly<Record<string, string>>, glob = "*.sql"): MigrationFolder {
  const root = mkdtempSync(join(tmpdir(), "opsmedic-migrations-"));
  const path = (name: string): string => join(root, name);
  const write = (name: string, content: string): void => {
    mkdirSync(dirname(path(name)), { recursive: true });
    writeFileSync(path(name), content);
  };
  for (const [name, content] of Object.entries(files)) write(name, content);
  return {
    spec: { root, glob },
    path,
    write,
    [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }),
  };
}
