// Which series are watched where there are more than memory allows. Places are given in turns: each service gets one a
// turn, one with symptoms two, and each service gives its own to what has a limit first.

export interface SeriesClaim {
  key: string;
  service: string;
  /** Has a limit that it may reach. */
  limited: boolean;
  /** Holds a place already: what was learned is not given up for its equal. */
  held: boolean;
}

type Turned = SeriesClaim & { turn: number; sick: boolean };

/** Their keys, at most `most`. Depends on the claims alone, not on their order. */
export function chooseSeries(
  claims: readonly SeriesClaim[],
  most: number,
  isSick: (service: string) => boolean = () => false,
): Set<string> {
  const services = Map.groupBy(claims, (one) => one.service);
  const turned = [...services].flatMap(([service, own]) => {
    const sick = isSick(service);
    return own
      .toSorted(byWorth)
      .map((one, index): Turned => ({ ...one, sick, turn: sick ? Math.floor(index / 2) : index }));
  });
  const chosen = turned.toSorted(
    (a, b) => a.turn - b.turn || Number(b.sick) - Number(a.sick) || byWorth(a, b),
  );
  return new Set(chosen.slice(0, most).map((one) => one.key));
}

function byWorth(a: SeriesClaim, b: SeriesClaim): number {
  const [limited, held] = [Number(b.limited) - Number(a.limited), Number(b.held) - Number(a.held)];
  return limited || held || (a.key < b.key ? -1 : 1);
}
