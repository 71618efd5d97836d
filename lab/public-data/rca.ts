export async function rca(_request: { incident: string; normal: string; output: string }): Promise<void> {
  throw new Error("to be written");
}
