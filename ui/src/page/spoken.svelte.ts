import type { Words } from "../words";

/** The language of the place that is shown, with the page's own words in it; English at first. */
export const spoken = $state<{ now: { language: string; words?: Words | undefined } }>({ now: { language: "en" } });
