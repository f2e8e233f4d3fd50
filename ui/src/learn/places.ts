/** Places of the course beside its overview and its lessons: `#/learn/<name>`. */
import type { Component } from "svelte";
import type { Host } from "../host";
import Practice from "./Practice.svelte";
import Progress from "./Progress.svelte";
import Wall from "./Wall.svelte";

export interface PlaceProps {
  readonly host: Host;
  /** What stands behind the ? of the URL. */
  readonly parameters: Readonly<Record<string, string>>;
}

export interface Place {
  readonly title: string;
  readonly component: Component<PlaceProps>;
}

/** By their names, in the order in which they are offered; a title is translated by `say`. */
export const PLACES: Readonly<Record<string, Place>> = {
  practice: { title: "Practice", component: Practice },
  wall: { title: "Find my wall", component: Wall },
  progress: { title: "Progress", component: Progress },
};
