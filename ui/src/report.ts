/** The views for a saved report, which cannot fetch a second file. */
import * as dagre from "@dagrejs/dagre";
import { provide } from "./dagre";
import "./entry";

provide(dagre);
