/** How this page stands with its server, for the one note that says so; `live.ts` finds it out. */

/** `renewed`: a server answers, but it was started anew and has another token than this page. */
export type Connection = "back" | "gone" | "renewed";

export const connection = $state({
  state: "back" as Connection,
  /** The command that opens this page again; empty until the server has said what it shows. */
  command: "",
});
