// A server's setting that is known to hurt, and what to set instead.
export interface BadSetting {
  setting: string;
  value: string;
  /** What it does to the user's data or time. */
  harm: string;
  /** The statement or line that puts it right. */
  advice: string;
  /** What it should be, as the server shows it. */
  better: string;
  /** Data can be lost, or the server stops some day. */
  grave: boolean;
}

export interface SettingRule {
  setting: string;
  isBad: (value: string) => boolean;
  harm: string;
  /** What it should be. */
  better: string;
  grave: boolean;
}

/** Settings that are not known are not judged. */
export function badSettingsOf(
  rules: readonly SettingRule[],
  settings: Readonly<Record<string, string>>,
  advice: (setting: string, better: string) => string,
): BadSetting[] {
  return rules.flatMap(({ setting, isBad, harm, better, grave }) => {
    const value = settings[setting];
    if (value === undefined || !isBad(value)) return [];
    return [{ setting, value, harm, grave, better, advice: advice(setting, better) }];
  });
}
