/** The 3-D surface: a bundle of its own, since three.js is larger than everything else together. */
export { Scene } from "three";
