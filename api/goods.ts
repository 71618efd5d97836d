// What counts as good of each service, remembered while it is well: its files, its image or command, the shape of its tables.
import type { Logger } from "pino";
import { bothGood, makeKnownGoodImage } from "../agents/known-good-image.ts";
import { makeKnownGoodCommand } from "../agents/known-good-command.ts";
import { makeKnownGood } from "../agents/known-good.ts";
import { makeSchemaSnapshots } from "../agents/schema-snapshots.ts";
import type { Clock } from "../domain/clock.ts";
import { messageOf } from "../domain/errors.ts";
import type { Service } from "../domain/service.ts";
import type { Store } from "../knowledge/records.ts";
import type { FileHistory } from "../tools/backup.ts";
import type { DatabaseInspectors } from "../tools/database-inspector.ts";
import type { ServiceFiles } from "../tools/service-files.ts";
import type { Targets } from "../tools/target.ts";

export interface GoodsParts {
  fileHistory: FileHistory;
  filesOf: (service: Service) => ServiceFiles | undefined;
  settings: Store["settings"];
  targets: Targets;
  databases?: DatabaseInspectors | undefined;
  clock: Clock;
  logger: Logger;
  /** How long a state must have been in place, and the service well, before it counts as good. */
  provenAfterMs: number;
}

export function makeGoods(parts: GoodsParts) {
  const { fileHistory: history, filesOf, settings, targets, databases, clock, logger, provenAfterMs } = parts;
  const files = makeKnownGood({ history, filesOf, clock, provenAfterMs });
  const images = makeKnownGoodImage({ settings, targets, clock, provenAfterMs });
  const commands = makeKnownGoodCommand({ settings, targets, clock, provenAfterMs });
  const programs = bothGood(bothGood(files, images), commands);
  const schemas =
    databases &&
    makeSchemaSnapshots({
      databases,
      history,
      clock,
      provenAfterMs,
      onProblem: (service, error) => logger.debug({ service, error: messageOf(error) }, "shapes of tables"),
    });
  return {
    /** To be told of each look at a service. */
    all: schemas ? bothGood(programs, schemas) : programs,
    changes: files.changes,
    imageOf: images.of,
    commandOf: commands.of,
  };
}
