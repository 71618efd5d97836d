import { assert, property, string } from "fast-check";
import { describe, expect, it } from "vitest";
import { readWords } from "../../signals/clusters/words.ts";

function read(text: string): string {
  const { head, body } = readWords(text);
  return `${head.join(" ")} | ${body.join(" ")}`;
}

describe("the words of a line", () => {
  it.each([
    ["Jan  2 10:00:00 web1 app[7]: disk of web1 is full", "app | disk of * is full"],
    [
      "2026-01-02 10:00:00,123 WARN [pool-1] org.acme.Store: 12 rows lost",
      "WARN org.acme.Store | * rows lost",
    ],
    ["2026-01-02 10:00:00,123 - acme.api - ERROR - no answer", "acme.api ERROR | no answer"],
    [
      "[Fri Jan 02 10:00:00 2026] [error] [client 10.0.0.1] file missing: /srv/a.html",
      "error client | file missing *",
    ],
    ["01-02 10:00:00.123  170  171 E Looper: quit in the middle", "E Looper | quit in the middle"],
    ["20260102-10:00:00:123|Steps|30|flush failed", "Steps | flush failed"],
    ["1767348000 node-7 IO DISK FATAL parity error", "IO DISK FATAL | parity error"],
  ])("parts who spoke from what was said: %s", (text, words) => {
    expect(read(text)).toBe(words);
  });

  it.each([
    ["connection to shop.example.com refused for bob@example.com", "connection to * refused for *"],
    ["cannot open C:\\data\\a.txt or /var/data/a.txt", "cannot open * or *"],
    ["login failed user=bob uid=7 from https://a.b/c?d=e", "login failed user= bob uid= * from *"],
    ["retry 3 of 5 at 10:00:00, 12 % done", "retry * of * at * done"],
    ["com.acme.Store.write failed", "com.acme.Store.write failed"],
    ["Datei „konto“ fehlt: größer als erlaubt", "Datei konto fehlt größer als erlaubt"],
  ])("takes out what varies: %s", (text, words) => {
    expect(read(text)).toBe(` | ${words}`);
  });

  it("reads the message of structured lines, and of a trace what happened", () => {
    expect(read('{"level":"error","msg":"no answer after 300 ms","svc":"a"}')).toBe(
      " | no answer after * ms",
    );
    expect(read('ts=1 level=warn msg="cannot dial 10.0.0.1:80"')).toBe(" | cannot dial *");
    const trace =
      "IOException: pipe broken\n\tat a.B.c(B.java:3)\nCaused by: SocketException: closed\n\tat x.y(Z.java:1)";
    expect(read(trace)).toBe(" | IOException pipe broken Caused by SocketException closed");
  });

  it("takes the header for the message where there is nothing else", () => {
    expect(read("2026-01-02 10:00:00 ERROR")).toBe(" | * ERROR");
    expect(read("")).toBe(" | ");
  });

  it("is bounded, and says the same twice", () => {
    const unit = string({ minLength: 1, maxLength: 12 });
    assert(
      property(unit, (part) => {
        const text = part.repeat(2_000);
        const { head, body } = readWords(text);
        expect(head.length).toBeLessThanOrEqual(16);
        expect(body.length).toBeLessThanOrEqual(64);
        for (const word of [...head, ...body]) expect(word.length).toBeLessThanOrEqual(100);
        expect(readWords(text)).toEqual({ head, body });
      }),
    );
  });
});
