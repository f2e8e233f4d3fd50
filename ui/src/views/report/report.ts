/** What `chainrule/faces/report/` and `chainrule/faces/notebook/` write for this view. */
import type { Json } from "../../json";
import type { ViewDocument } from "../../documents";

export interface SectionDocument {
  readonly id: string;
  readonly heading: string;
  /** What to ask for its document. */
  readonly question: string;
  readonly parameters: Readonly<Record<string, Json>>;
  /** The document itself, where there is no need to ask. */
  readonly document: ViewDocument | null;
}

export interface ReportDocument {
  readonly title: string;
  readonly layout: "page" | "tabs";
  /** Sentences that hold for all of it. */
  readonly remarks: readonly string[];
  readonly sections: readonly SectionDocument[];
  /** Another number whenever what was asked for is worth asking for again. */
  readonly version: number;
  /** Why an answer may be long in coming; empty if nothing is in its way. */
  readonly busy: string;
}
