/**
 * Bundles, each in one file: a notebook loads a view from a Blob URL, from which no second file can
 * be imported by a relative path.
 *
 *   vite build                  views.js, with the stylesheet inside it, and the fonts of KaTeX
 *   vite build --mode report    report.js: views.js with graphs.js inside it, for a saved report
 *   vite build --mode graphs    graphs.js, which lays graphs out, loaded when one is drawn
 *   vite build --mode learn     learn.js, the lessons, loaded when one is opened
 *   vite build --mode surface   surface.js, the 3-D surface, loaded only when it is asked for
 */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig, type Plugin } from "vite";

const here = dirname(fileURLToPath(import.meta.url));
const katex = join(here, "node_modules/katex/dist");

/** The stylesheet's text in place of the string that `styles.ts` holds for it. */
function stylesInside(): Plugin {
  return {
    name: "styles-inside",
    enforce: "post", // after Vite has gathered the stylesheet
    generateBundle(_options, bundle) {
      let css = "";
      for (const [name, file] of Object.entries(bundle)) {
        if (file.type === "asset" && name.endsWith(".css")) {
          css += String(file.source);
          delete bundle[name];
        }
      }
      for (const file of Object.values(bundle)) {
        if (file.type === "chunk") {
          file.code = file.code.replace(/(["'`])__STYLESHEET__\1/, () => JSON.stringify(css));
        }
      }
    },
  };
}

/**
 * KaTeX's stylesheet without its @font-face rules, and its fonts as files: where they lie differs
 * between page, report and notebook, so `fonts.ts` adds them by the FontFace API.
 */
function katexFonts(): Plugin {
  const rules = readFileSync(join(katex, "katex.min.css"), "utf8").match(/@font-face\{[^}]*\}/g);
  const faces = (rules ?? []).map((rule) => ({
    family: /font-family:"?([^";]+)"?/.exec(rule)?.[1],
    style: /font-style:(\w+)/.exec(rule)?.[1],
    weight: /font-weight:(\w+)/.exec(rule)?.[1],
    file: /url\(fonts\/([\w-]+\.woff2)\)/.exec(rule)?.[1],
  }));
  return {
    name: "katex-fonts",
    enforce: "pre",
    resolveId: (id) => (id === "virtual:katex-faces" ? `\0${id}` : undefined),
    load: (id) =>
      id === "\0virtual:katex-faces" ? `export default ${JSON.stringify(faces)}` : undefined,
    transform: (code, id) =>
      id.endsWith("katex.min.css")
        ? { code: code.replace(/@font-face\{[^}]*\}/g, ""), map: null }
        : undefined,
    generateBundle() {
      for (const file of readdirSync(join(katex, "fonts"))) {
        if (file.endsWith(".woff2")) {
          const source = readFileSync(join(katex, "fonts", file));
          this.emitFile({ type: "asset", fileName: `fonts/${file}`, source });
        }
      }
    },
  };
}

export default defineConfig(({ mode }) => {
  const bundle = ["report", "graphs", "learn", "surface"].includes(mode) ? mode : "views";
  const drawn = bundle === "views" || bundle === "report";
  const lessons = bundle === "learn";
  return {
    root: here,
    mode: "production",
    plugins: [
      svelte({ configFile: false, compilerOptions: { css: "external" } }),
      ...(drawn ? [katexFonts()] : []),
      ...(drawn || lessons ? [stylesInside()] : []),
    ],
    // the views hand their KaTeX to the lessons
    resolve: { alias: lessons ? [{ find: /^katex$/, replacement: join(here, "src/learn/katex.ts") }] : [] },
    publicDir: bundle === "views" ? "public" : false,
    build: {
      outDir: "built", // build_views.py moves it to where it is served
      emptyOutDir: bundle === "views",
      target: "es2022",
      cssCodeSplit: false,
      modulePreload: false,
      minify: "terser", // 1.5 % smaller than Vite's own, of a bundle with a limit
      terserOptions: { module: true, compress: { passes: 3 } },
      rolldownOptions: {
        input: `src/${bundle === "views" ? "entry" : bundle}.ts`,
        preserveEntrySignatures: "strict", // a notebook and the views import what these export
        output: { format: "es", entryFileNames: `${bundle}.js`, codeSplitting: false },
      },
    },
  };
});
