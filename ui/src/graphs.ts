/** What lays graphs out, in a file of its own: see `dagre.ts`. */
export { Graph, layout } from "@dagrejs/dagre";
