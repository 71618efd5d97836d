// Also where a test fails, what goes on beside it has ended before what it works on is gone.
export const ending = (stop: AbortController, ...going: Promise<unknown>[]): AsyncDisposable => ({
  async [Symbol.asyncDispose]() {
    stop.abort();
    await Promise.allSettled(going);
  },
});
