// Writes a number in the style of the one it replaces: 0.8 becomes 1.2, 1.0 becomes 2.0, 1_000 becomes 1_200.

/** undefined for what is no finite number. */
export function numberText(to: number, old: string): string | undefined {
  if (!Number.isFinite(to) || Object.is(to, -0)) return undefined;
  const plain = String(to);
  // A language that tells 1 from 1.0 must not see the kind of number change.
  if (/^[+-]?[\d_]*\.[\d_]*$/.test(old) && Number.isInteger(to) && !plain.includes("e")) return `${plain}.0`;
  return /^[+-]?\d{1,3}(_\d{3})+$/.test(old) ? grouped(plain) : plain;
}

function grouped(plain: string): string {
  return /^-?\d+$/.test(plain) ? plain.replaceAll(/\B(?=(\d{3})+$)/g, "_") : plain;
}
