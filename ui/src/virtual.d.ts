declare module "virtual:katex-faces" {
  const faces: readonly { family: string; style: string; weight: string; file: string }[];
  export default faces;
}
