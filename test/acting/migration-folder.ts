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

/** One with something of everything that a migration may do. The mark of é is two bytes long. */
export const CRATES = `-- Crates, as the café wants them; /* not a remark
/* nested /* remark */ */
CREATE TYPE crate_state AS ENUM ('new', 'sent');
CREATE TABLE crates (id serial PRIMARY KEY, state crate_state NOT NULL DEFAULT 'new', sender int REFERENCES senders);
CREATE INDEX crates_by_state ON crates (state);
ALTER TABLE crates ADD COLUMN code text UNIQUE CHECK (code <> 'é; DROP TABLE senders');
CREATE SEQUENCE crate_numbers;
ALTER TABLE senders ADD COLUMN crates int NOT NULL DEFAULT 0, ADD COLUMN seen timestamptz DEFAULT now();
CREATE INDEX senders_by_crates ON senders (crates) WHERE crates > 0;
COMMENT ON TABLE crates IS 'What a sender sends'`;
