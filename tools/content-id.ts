// The id of what is known by its content alone: an image, a command.
import { z } from "zod";

/** `sha256:` and 64 hexadecimal digits, as Docker writes it. */
export const contentId = z.string().regex(/^sha256:[0-9a-f]{64}$/);
