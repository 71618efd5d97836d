// Fields of a request as the operations take them: a key that was left away is absent, not undefined.

type Given<T> = { [K in keyof T]: Exclude<T[K], undefined> };

export function given<T extends object>(fields: T): Given<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Given<T>;
}
