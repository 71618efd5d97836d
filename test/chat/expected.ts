// What an answer to a question must and must not say.
export interface Expected {
  /** Asked in the same conversation, the last one being judged. */
  ask: string | readonly string[];
  /** Each of them must be in the answer's text. */
  has: readonly (string | RegExp)[];
  /** None of them may be. */
  lacks?: readonly (string | RegExp)[];
  /** Ids that must be among its citations. */
  cites?: readonly string[];
  /** Nothing is known of it, and that is said. */
  unknown?: true;
}
