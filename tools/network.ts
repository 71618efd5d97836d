// What a network answers when it is asked: names and certificates. Nothing is sent beyond the question itself.

export interface Certificate {
  startsAt: number;
  endsAt: number;
  /** Why it would not be accepted, in the words of the library that checks it; absent: it would. */
  refused?: string;
}

export interface Network {
  /** "unknown": there is no such name. "unanswered": nobody who knows could be asked. */
  resolve(host: string): Promise<"found" | "unknown" | "unanswered">;
  /** The one that a server shows at the beginning of TLS; HealError or a socket's error where it shows none. */
  certificate(host: string, port: number, signal: AbortSignal): Promise<Certificate>;
}
