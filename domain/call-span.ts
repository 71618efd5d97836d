// A span of a trace, reduced to what tells who calls whom, for how long and with what end. Texts of a request are left
// out at the door: nothing here can hold a secret but a name.

export interface CallSpan {
  /** 32 hexadecimal digits. */
  trace: string;
  /** 16 hexadecimal digits. */
  id: string;
  /** Id of the span that caused this one; "" for a root. */
  parent: string;
  service: string;
  operation: string;
  /** Unix milliseconds, with fractions. */
  start: number;
  /** Milliseconds. */
  duration: number;
  failed: boolean;
  /** Of a span that asks another service: whom, as far as it says. */
  asks?: Peer;
}

export interface Peer {
  name?: string;
  host?: string;
  port?: number;
  /** It gave an answer that finds the fault with the question: 404, a syntax error. */
  refused: boolean;
}
