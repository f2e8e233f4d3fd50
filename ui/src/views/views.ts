/** The views by the name that documents give them; adding one is adding its folder and its line. */
import type { Component } from "svelte";
import type { ViewDocument } from "../documents";
import type { Host } from "../host";
import Chain from "./chain/Chain.svelte";
import Compare from "./compare/Compare.svelte";
import Derivation from "./derivation/Derivation.svelte";
import Formula from "./formula/Formula.svelte";
import Graph from "./derivation/Graph.svelte";
import Landscape from "./landscape/Landscape.svelte";
import Lesson from "./lesson/Lesson.svelte";
import Report from "./report/Report.svelte";
import Run from "./run/Run.svelte";
import Slope from "./slope/Slope.svelte";

/** Every view takes the document to draw and the host to ask; the document may change. */
export type View = Component<{ document: ViewDocument; host: Host }>;

export const VIEWS: Readonly<Record<string, View>> = {
  chain: Chain,
  compare: Compare,
  derivation: Derivation,
  formula: Formula,
  graph: Graph,
  landscape: Landscape,
  lesson: Lesson,
  report: Report,
  run: Run,
  slope: Slope,
};
