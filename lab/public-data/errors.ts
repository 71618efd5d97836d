export async function errors(_request: { input: string; output: string }): Promise<void> {
  throw new Error("to be written");
}
