/** What `SeriesPlot` draws. */

export interface Line {
  readonly label: string;
  /** One for each place on the axis; null where nothing was measured. */
  readonly values: readonly (number | null)[];
  /** Name of a colour in theme.css, such as `--data-blue`. */
  readonly colour: string;
  /** CSS pixels; 0 for points alone. */
  readonly width?: number;
  readonly dash?: readonly number[];
  readonly points?: boolean;
  /** The label of the line up to which the space is shaded. */
  readonly bandTo?: string;
  /** An edge of a band, which needs no line in the legend. */
  readonly edge?: boolean;
  /** Drawn as far as it lies in the picture, whose height the other lines set. */
  readonly aside?: boolean;
}

/** A place on the axis that something is to be said about. */
export interface Mark {
  readonly x: number;
  readonly label: string;
  readonly colour: string;
}

/** A part of the axis. */
export interface Window {
  readonly from: number;
  readonly to: number;
}
