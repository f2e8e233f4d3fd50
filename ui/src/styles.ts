/** One stylesheet for page, report and notebook. */
import "katex/dist/katex.min.css";
import "uplot/dist/uPlot.min.css";
import "./theme.css";
import { adopter } from "./adopted";

/** Make the styles hold where an element is; the build puts their text here (vite.config.ts). */
export const adoptStyles = adopter("__STYLESHEET__");
