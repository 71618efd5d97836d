// What is taken out of a prompt, and what is not.
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { makeMask } from "../../domain/mask-addresses.ts";

const once = (text: string, known: string[] = []) => makeMask(known)(text);

describe("the mask of a prompt", () => {
  it.each([
    ["connect to 10.0.0.5:5432", "connect to «ip-1»:5432"],
    ["http://192.168.1.1/x?y=8.8.8.8", "http://«ip-1»/x?y=«ip-2»"],
    ["from [2001:db8::1]:443 and ::1", "from [«ip-1»]:443 and «ip-2»"],
    ["mapped ::ffff:10.1.2.3 here", "mapped «ip-1» here"],
    ["odd ab:80:10.1.2.3 here", "odd ab:80:«ip-1» here"],
    ["host ip-10-1-2-3.ec2.internal", "host ip-«ip-1».ec2.internal"],
    ["mail Ann.B+x@mail.example.co.uk!", "mail «email-1»!"],
    ["?to=ann%40example.com&x", "?to=«email-1»&x"],
    ["jürgen@exämple.de", "«email-1»"],
    ["password=abc12345 at 10.0.0.1", "password=«secret» at «ip-1»"],
  ])("%s", (text, masked) => {
    expect(once(text)).toBe(masked);
  });

  it.each([
    "at 12:34:56.789 it took 1.5 s",
    "version 1.2.3 of 10",
    "card aa:bb:cc:dd:ee:ff",
    "std::string in a::z::b",
    "300.1.2.3 is none, nor is 1.2.3.4.5",
    "user@host and @here",
    "{a: 1, b: [1::]}".replace("1::", "1:"),
  ])("leaves %s as it is", (text) => {
    expect(once(text)).toBe(text);
  });

  it("gives the same address the same number within one prompt, and begins anew in the next", () => {
    const mask = makeMask();
    expect(mask("10.0.0.1 A@x.com")).toBe("«ip-1» «email-1»");
    expect(mask("a@x.com 10.0.0.2 10.0.0.1 2001:DB8::1 2001:db8::1")).toBe(
      "«email-1» «ip-2» «ip-1» «ip-3» «ip-3»",
    );
    expect(once("10.0.0.2")).toBe("«ip-1»");
  });

  it("knows the configuration's own secrets by their value, the longest first", () => {
    expect(once("say tiger-lily2 or tiger-lily", ["tiger-lily", "tiger-lily2", "or"])).toBe(
      "say «secret» or «secret»",
    );
  });

  it("changes nothing the second time, and takes a line that was written to hurt in its stride", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom("1", "0", ".", ":", "@", "a", "-", "%", " "), maxLength: 300 }),
        (text) => {
          const masked = once(text);
          expect(once(masked)).toBe(masked);
        },
      ),
      { numRuns: 100 },
    );
    for (const part of ["1.", "a.", "::", "a@", "0:", "%40", "a@a."]) {
      expect(once(part.repeat(20_000)).length).toBeGreaterThan(0);
    }
  });
});
