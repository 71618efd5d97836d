// How a setting is named: its keys joined by dots, as a person would say it. A key that would be misread that way
// stands quoted in brackets.
const plainKey = /^[^.[\]"\s\p{C}]+$/u;

export type PointerPart = string | number;

export function pointerOf(parts: readonly PointerPart[]): string {
  let text = "";
  for (const part of parts) {
    const key = String(part);
    if (!plainKey.test(key)) text += `[${JSON.stringify(key)}]`;
    else text += text === "" ? key : `.${key}`;
  }
  return text;
}
