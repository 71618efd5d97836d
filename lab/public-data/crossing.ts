export async function crossing(_request: { input: string; output: string }): Promise<void> {
  throw new Error("to be written");
}
