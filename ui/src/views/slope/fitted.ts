/** A fitted line, with the wedge of slopes that its confidence interval leaves. */
import { toNumber } from "../../json";
import type { Line } from "../../parts/series";
import type { FittedLine } from "./document";

/** The wedge turns about the middle of the steps, where the height of the line is known best. */
export function fitted(
  x: readonly number[],
  line: FittedLine,
  label: string,
  colour: string,
): Line[] {
  const middle = (line.first_step + line.last_step) / 2;
  const height = toNumber(line.intercept) + toNumber(line.slope) * (middle - line.first_step);
  const along = (slope: number) =>
    x.map((step) =>
      step < line.first_step || step > line.last_step ? null : height + slope * (step - middle),
    );
  // a wide interval would leave the losses themselves no height
  const lines: Line[] = [
    { label, values: along(toNumber(line.slope)), colour, width: 2 },
    {
      label: `${label}, steepest in the interval`,
      values: along(toNumber(line.low)),
      colour,
      width: 0.7,
      dash: [3, 3],
      edge: true,
      bandTo: `${label}, flattest in the interval`,
    },
    {
      label: `${label}, flattest in the interval`,
      values: along(toNumber(line.high)),
      colour,
      width: 0.7,
      dash: [3, 3],
      edge: true,
    },
  ];
  return lines.map((each) => ({ ...each, aside: true }));
}
