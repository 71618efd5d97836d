// Every action that exists. What is not here cannot be planned, and nothing here is irreversible.
import type { Action, Actions } from "../action.ts";
import type { FileHistory } from "../backup.ts";
import { systemClock } from "../../domain/system-clock.ts";
import type { Prober } from "../probe.ts";
import { makeProber } from "../prober.ts";
import { checked } from "./checked.ts";
import { drain } from "./drain.ts";
import { editSetting } from "./edit-setting.ts";
import { editSettings } from "./edit-settings.ts";
import { postgresActions } from "./postgres/all.ts";
import { mysqlActions } from "./mysql/all.ts";
import { redisActions } from "./redis/all.ts";
import { makeMysqlRestoreObject, MYSQL_RESTORE_OBJECT } from "./mysql/restore-object.ts";
import { makePostgresRestoreObject, POSTGRES_RESTORE_OBJECT } from "./postgres/restore-object.ts";
import { reload } from "./reload.ts";
import { makePutBack, PUT_BACK } from "./put-back.ts";
import { restart } from "./restart.ts";
import { FREE_SPACE, type FreeSpaceParts, makeFreeSpace } from "./free-space.ts";
import { makeRestoreFiles, RESTORE_FILES } from "./restore-files.ts";
import { makeRemoveContainers, REMOVE_CONTAINERS, type RemoveContainersParts } from "./remove-containers.ts";
import { makeRemoveImages, REMOVE_IMAGES, type RemoveImagesParts } from "./remove-images.ts";
import { rollBackCommand } from "./roll-back-command.ts";
import { makeRollBackImage, ROLL_BACK_IMAGE } from "./roll-back-image.ts";
import { scale } from "./scale.ts";
import { setMemoryLimit } from "./set-memory-limit.ts";
import { start } from "./start.ts";

/** All names, without what the actions need to work. */
export const actionNames: readonly string[] = [
  start.name,
  restart.name,
  reload.name,
  scale.name,
  setMemoryLimit.name,
  editSetting.name,
  editSettings.name,
  RESTORE_FILES,
  ...postgresActions.map((one) => one.name),
  ...mysqlActions.map((one) => one.name),
  ...redisActions.map((one) => one.name),
  FREE_SPACE,
  REMOVE_IMAGES,
  REMOVE_CONTAINERS,
  ROLL_BACK_IMAGE,
  rollBackCommand.name,
  POSTGRES_RESTORE_OBJECT,
  MYSQL_RESTORE_OBJECT,
  drain.name,
  PUT_BACK,
];

export interface CatalogueParts {
  fileHistory: FileHistory;
  /** Where what a clean-up takes away is kept, and opsmedic's own folders, which it never touches. */
  freeSpace: FreeSpaceParts;
  images: RemoveImagesParts["images"];
  containers: RemoveContainersParts["containers"];
  /** Whom a replica is shown to before it gets requests again; absent: one whose commands get a plain environment. */
  prober?: Pick<Prober, "probe">;
}

export function makeActions({
  fileHistory,
  freeSpace,
  images,
  containers,
  prober = makeProber({ clock: systemClock }),
}: CatalogueParts): Actions {
  const all: readonly Action[] = [
    checked(start),
    checked(restart),
    checked(reload),
    checked(scale),
    checked(setMemoryLimit),
    checked(editSetting),
    checked(editSettings),
    checked(makeRestoreFiles(fileHistory)),
    ...postgresActions,
    ...mysqlActions,
    ...redisActions,
    checked(makeFreeSpace(freeSpace)),
    checked(makeRemoveImages({ images, setAside: freeSpace.setAside })),
    checked(makeRemoveContainers({ containers, setAside: freeSpace.setAside })),
    checked(makeRollBackImage(freeSpace.setAside)),
    checked(rollBackCommand),
    checked(makePostgresRestoreObject(fileHistory)),
    checked(makeMysqlRestoreObject(fileHistory)),
    checked(drain),
    checked(makePutBack(prober)),
  ];
  const byName = new Map(all.map((action) => [action.name, action]));
  return { get: (name) => byName.get(name), all: () => all };
}
