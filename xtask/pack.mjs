// Turns what was built for the browser into the site as it is served: fonts and foreign scripts added, content hashes in the
// names, compressed variants beside each file, and manifest.tsv, which both the server's build
// script and its folder mode read. Columns: logical path, URL path, hash, cache kind, encodings.
//
// usage: node pack.mjs BUILT_SITE NODE_MODULES SCALAR_SCRIPT OUTPUT [--compress]

import { createHash } from "node:crypto";
import { createRequire } from "node:module";
import { appendFileSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, extname, join, relative, resolve, sep } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const [built, modules, scalar, output] = process.argv.slice(2);
const compress = process.argv.includes("--compress");
const FONTS = {
  "inter-latin.woff2": "inter/files/inter-latin-wght-normal.woff2",
  "inter-latin-ext.woff2": "inter/files/inter-latin-ext-wght-normal.woff2",
  "jetbrains-mono-latin.woff2": "jetbrains-mono/files/jetbrains-mono-latin-wght-normal.woff2",
};
const TEXT = new Set([".css", ".html", ".js", ".json", ".mjs", ".svg", ".txt", ".wasm", ".webmanifest", ".xml"]);

rmSync(output, { recursive: true, force: true });
mkdirSync(join(built, "fonts"), { recursive: true });
for (const [name, source] of Object.entries(FONTS)) {
  cpSync(join(modules, "@fontsource-variable", source), join(built, "fonts", name));
}

mkdirSync(join(built, "vendor"), { recursive: true });
cpSync(scalar, join(built, "vendor", "scalar.js"));
writeTeamsScript(join(built, "vendor", "teams.js"));

const logical = readdirSync(built, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && !entry.name.endsWith(".d.ts"))
  .map((entry) => "/" + relative(built, join(entry.parentPath ?? entry.path, entry.name)).split(sep).join("/"))
  .sort();

// Fonts first: their final names go into the style sheet before that is hashed itself.
const renamed = new Map();
const fontsFirst = [...logical].sort((a, b) => Number(b.startsWith("/fonts/")) - Number(a.startsWith("/fonts/")));
const rows = fontsFirst.map((path) => {
  let bytes = readFileSync(join(built, path));
  if (extname(path) === ".css") bytes = Buffer.from(withFinalNames(bytes.toString()));
  const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 16);
  const immutable = /^\/(fonts|pkg|vendor)\/[^/]+$/.test(path);
  const extension = extname(path);
  const url = immutable ? `${path.slice(0, -extension.length)}.${hash}${extension}` : path;
  renamed.set(path, url);
  const encodings = write(url, bytes);
  return [path, url, hash, immutable ? "immutable" : "revalidate", encodings.join(",") || "-"].join("\t");
});
writeFileSync(join(output, "manifest.tsv"), rows.sort().join("\n") + "\n");

// Of Microsoft's library for pages within Teams, what style/teams.mjs takes, with the licences of what is in it. The library would ask
// Microsoft which hosts Teams has: here nobody is asked, and it goes by those that it brings.
function writeTeamsScript(outfile) {
  const style = resolve(modules, "..");
  const { metafile } = createRequire(resolve(modules, "_"))("esbuild").buildSync({
    absWorkingDir: style,
    entryPoints: [join(style, "teams.mjs")],
    outfile,
    bundle: true,
    minify: true,
    format: "iife",
    target: "es2022",
    define: { fetch: "unanswered" },
    banner: { js: 'const unanswered = () => Promise.reject(new Error("nobody is asked"));' },
    metafile: true,
    logLevel: "warning",
  });
  const named = Object.keys(metafile.inputs).map((path) => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1]);
  const packages = [...new Set(named.filter(Boolean))].sort();
  const licence = (name) => {
    const file = readdirSync(join(modules, name)).find((file) => /^licen[cs]e/i.test(file));
    return `${name}\n\n${readFileSync(join(modules, name, file), "utf8").trim()}`;
  };
  appendFileSync(outfile, `/*!\n${packages.map(licence).join("\n\n").replaceAll("*/", "* /")}\n*/\n`);
}

function withFinalNames(css) {
  for (const [path, url] of renamed) css = css.replaceAll(path, url);
  return css;
}

function write(url, bytes) {
  const file = join(output, url);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, bytes);
  if (!compress || !TEXT.has(extname(url))) return [];
  const variants = {
    br: brotliCompressSync(bytes, {
      params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
    }),
    gz: gzipSync(bytes, { level: 9 }),
  };
  const smaller = Object.entries(variants).filter(([, packed]) => packed.length < bytes.length);
  for (const [suffix, packed] of smaller) writeFileSync(`${file}.${suffix}`, packed);
  return smaller.map(([suffix]) => suffix);
}
