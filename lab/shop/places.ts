// Places for requests that are under way. A place that is never given back slows everybody who comes after.

export function makePlaces() {
  const lost: object[] = [];
  let leak: NodeJS.Timeout | undefined;
  return {
    /** Waits for a free place: longer, the more were lost; after 1.6 s one is made free by force. */
    take: (): Promise<void> =>
      new Promise((resolve) => setTimeout(resolve, Math.min(lost.length * 40, 1_600))),
    lose(): void {
      leak ??= setInterval(() => lost.push({ since: Date.now() }), 100);
    },
    free(): void {
      clearInterval(leak);
      leak = undefined;
      lost.length = 0;
    },
  };
}
