// A real file system of a few megabytes, where the machine lets us mount one.
import { mountable, mountTmpfs } from "../../lab/small-file-system.ts";

export { mountable, mountTmpfs };
