// From how strange each point is to when a person is told: once an episode. The line of alarm is higher for a series
// that has alarmed often (as in online control of false discoveries, Javanmard and Montanari 2018: an alarm is paid
// for out of a budget that refills with time), so that a restless series does not become a pager's noise.

export interface EpisodesState {
  open: boolean;
  /** Points since the last one above the line. */
  quiet: number;
  /** Earlier alarms, each fading away. */
  alarms: number;
}

export interface Episodes {
  /**
   * The score of a point: 0.5 and above only where an episode begins. Within an episode it stays below, however
   * strange the point: the alarm was raised already. `age` is for how long the series has been known, in seconds.
   */
  judge(strength: number, age: number): { score: number; ongoing: boolean };
  save(): EpisodesState;
}

/** The strength that alarms in a series that never alarmed: once in a thousand, were it a single chance.
 * Steady noise then alarms about once in 1,500 points, and a series with a clear rhythm half as often. */
const LINE = 3;
/** By this share each earlier alarm raises the line. */
const DEARER = 0.1;
/** Points after which an alarm counts 1/e. */
const FADING = 20_000;
/** Points below the line that end an episode. */
const QUIET = 10;
/** Seconds in which the line falls from the double to the plain one: before, a night is as new as an event. */
const LEARNING = 86_400;
const BELOW_ALARM = 0.49;

/** 0 to 1; 0.5 on the line. */
export function scoreOf(strength: number, line = LINE): number {
  return strength / (strength + line);
}

export function makeEpisodes(saved?: EpisodesState): Episodes {
  let { open, quiet, alarms } = saved ?? { open: false, quiet: 0, alarms: 0 };

  return {
    judge(strength, age) {
      alarms *= 1 - 1 / FADING;
      const line = LINE * (1 + DEARER * alarms + Math.max(0, 1 - age / LEARNING));
      const score = scoreOf(strength, line);
      // Up to QUIET points below the line the episode goes on; what lies above the plain line prolongs it.
      quiet = open && strength >= LINE ? 0 : quiet + 1;
      if (open && quiet > QUIET) open = false;
      if (open || strength < line) return { score: Math.min(score, BELOW_ALARM), ongoing: open };
      open = true;
      quiet = 0;
      alarms += 1;
      return { score: Math.max(score, 0.5), ongoing: true };
    },
    save: () => ({ open, quiet, alarms }),
  };
}
