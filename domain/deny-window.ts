// A weekly window in which nothing is repaired.

export interface DenyWindow {
  /** As written, e.g. "Fri 16:00-Mon 08:00". */
  text: string;
  timezone: string;
  /** Minutes since Monday 00:00 in `timezone`; end may be smaller than start (wraps the week). */
  startMinute: number;
  endMinute: number;
}
