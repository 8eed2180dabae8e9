// Builds what the panel takes from elsewhere into templates/static; `--check` says whether that is up to date.
import { build } from "esbuild";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const target = join(here, "..", "templates", "static");
const modules = join(here, "node_modules");
const stub = (name) => join(here, "src", "stubs", `${name}.js`);

const banner = "/* App Bridge of @saleor/app-sdk, BSD-3-Clause: licences/app-sdk.txt. Built from frontend/, not edited. */";

const bundle = async () => {
  const built = await build({
    entryPoints: [join(here, "src", "app-bridge.js")],
    alias: { react: stub("react"), debug: stub("debug"), jose: stub("jose") },
    define: { global: "globalThis" },
    banner: { js: banner },
    bundle: true,
    format: "esm",
    minify: true,
    target: "es2022",
    write: false,
  });
  return Buffer.from(built.outputFiles[0].contents);
};

const files = {
  "app-bridge.js": await bundle(),
  "htmx.js": await readFile(join(modules, "htmx.org", "dist", "htmx.min.js")),
  "inter-latin.woff2": await readFile(
    join(modules, "@fontsource-variable", "inter", "files", "inter-latin-wght-normal.woff2"),
  ),
  "inter-latin-ext.woff2": await readFile(
    join(modules, "@fontsource-variable", "inter", "files", "inter-latin-ext-wght-normal.woff2"),
  ),
  "licences/app-sdk.txt": await readFile(join(modules, "@saleor", "app-sdk", "LICENSE")),
  "licences/htmx.txt": await readFile(join(modules, "htmx.org", "LICENSE")),
  "licences/inter.txt": await readFile(join(modules, "@fontsource-variable", "inter", "LICENSE")),
};

let stale = 0;
for (const [name, content] of Object.entries(files)) {
  const path = join(target, name);
  if (process.argv.includes("--check")) {
    const known = await readFile(path).catch(() => Buffer.alloc(0));
    if (!known.equals(content)) {
      console.error(`${name} is not what frontend/ builds; run "npm run build"`);
      stale = 1;
    }
    continue;
  }
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
  console.log(`${name}: ${content.length} bytes`);
}
process.exitCode = stale;
