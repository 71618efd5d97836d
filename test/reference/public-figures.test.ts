// The figures of the public data's scorer, read out of what it prints.
import { expect, it } from "vitest";
import { figuresIn, rows, shown } from "../../lab/public-data/report-rows.ts";

const PRINTED = `loghub2k/content/Some ga 0.100 fga 0.100  [0.1 s]
loghub2k/content MEAN        ga 0.901 fga 0.852 pa 0.500  [2.2 s]
errors-mixed                 v 0.970 ari 0.900 clusters 60 events 82  [1.7 s]
nab/standard best threshold  score 70.000 threshold 0.600 windows_found 5  [15.4 s]
nab/standard threshold 0.5   score 61.500 windows_found 5 windows 6  [15.4 s]
pods-15min                   mae 1.429 skill_last 0.301  [3.1 s]
  cpu                        mae 1.851 skill_last -0.298  [3.1 s]
trainticket                  cases 20 ac1 1.000 ac3 1.000 acts_80_right 0.950  [52.2 s]
  cpu                        cases 4 ac1 0.500 ac3 1.000  [52.2 s]
speed/content 992000 lines in 2.0 s, start-up and output included: 494413 lines a second
`;

const cell = (what: RegExp) => {
  const row = rows.find((one) => what.test(one.what));
  return row && shown(row, figuresIn(PRINTED));
};

it("finds each figure under its own result", () => {
  expect(cell(/message: GA/)).toBe("0.901 / 0.852");
  expect(cell(/clusters of errors/)).toBe("0.97 / 0.9");
  expect(cell(/NAB/)).toBe("61.5");
  expect(cell(/pods .* CPU/)).toBe("-0.298");
  expect(cell(/acted on/)).toBe("0.95");
  expect(cell(/speed of templates, messages/)).toBe("494,413");
});

it("says what was not measured", () => {
  expect(cell(/raw lines: GA/)).toBe("not measured / not measured");
});
