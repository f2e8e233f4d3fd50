/** The documents that views draw, as `chainrule/faces/views/` writes them; see docs/views.md. */
import type { Json } from "./json";

/** Any document: `view` names the view that draws it. */
export interface ViewDocument {
  readonly view: string;
  readonly [name: string]: Json | undefined;
}
