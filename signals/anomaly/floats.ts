// Many numbers in a saved state: 32-bit floats, little-endian, in base64. A quarter of what they need as JSON numbers.

export function floatsToText(floats: Float32Array): string {
  const bytes = Buffer.alloc(floats.length * 4);
  floats.forEach((value, at) => bytes.writeFloatLE(value, at * 4));
  return bytes.toString("base64");
}

export function textToFloats(text: string): Float32Array {
  const bytes = Buffer.from(text, "base64");
  return Float32Array.from({ length: Math.floor(bytes.length / 4) }, (_, at) => bytes.readFloatLE(at * 4));
}
