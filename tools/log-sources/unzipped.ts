// Unpacks a posted body within a limit: a kilobyte of gzip can hold a gigabyte.
import { promisify } from "node:util";
import { gunzip, inflate } from "node:zlib";

export type Unzipped =
  | { status: "ok"; body: Buffer }
  | { status: "refused"; http: 400 | 413 | 415; reason: string };

const unpackers = { gzip: promisify(gunzip), deflate: promisify(inflate) };

export async function unzipped(
  body: Buffer,
  encoding: string | undefined,
  mostBytes: number,
): Promise<Unzipped> {
  const tooLarge = {
    status: "refused",
    http: 413,
    reason: `the body is larger than ${mostBytes} bytes`,
  } as const;
  const name = (encoding ?? "identity").trim().toLowerCase();
  if (name === "identity" || name === "") return body.length > mostBytes ? tooLarge : { status: "ok", body };
  if (name !== "gzip" && name !== "deflate") {
    return {
      status: "refused",
      http: 415,
      reason: `content encoding ${name.slice(0, 40)}: only gzip, deflate`,
    };
  }
  try {
    return { status: "ok", body: await unpackers[name](body, { maxOutputLength: mostBytes }) };
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ERR_BUFFER_TOO_LARGE") return tooLarge;
    return { status: "refused", http: 400, reason: `the body is no ${name}` };
  }
}
