/** Stands for KaTeX in the lessons' bundle (vite.config.ts): the views have it. */
import type katex from "katex";
import { tools } from "./tools";

export default {
  render: (...given: Parameters<typeof katex.render>) => tools().katex.render(...given),
};
