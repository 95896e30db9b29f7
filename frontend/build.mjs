// Style, script and fonts under hashed names, with a manifest. No image or font of GOV.UK leaves the package.
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { compile } from "sass";

const out = "../src/platform/web/static/build";
const fonts = "node_modules/@fontsource/golos-text";
rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });

for (const subset of ["cyrillic", "cyrillic-ext", "latin", "latin-ext"])
  for (const weight of [400, 700]) {
    const file = `golos-text-${subset}-${weight}-normal.woff2`;
    cpSync(join(fonts, "files", file), join(out, file));
  }

// PDFs are set in whole fonts, which typst wants as TTF: a subset or a woff2 would lose letters without a word.
const papers = "../src/platform/documents/fonts";
rmSync(papers, { recursive: true, force: true });
mkdirSync(papers, { recursive: true });
for (const file of ["tinos/400Regular/Tinos_400Regular.ttf", "tinos/700Bold/Tinos_700Bold.ttf", "golos-text/400Regular/GolosText_400Regular.ttf", "golos-text/700Bold/GolosText_700Bold.ttf"])
  cpSync(join("node_modules/@expo-google-fonts", file), join(papers, file.split("/").at(-1)));

const css = compile("main.scss", { loadPaths: [".", "node_modules"], style: "compressed", quietDeps: true, silenceDeprecations: ["import"] }).css;
async function scriptOf(entry) {
  const built = await build({ entryPoints: [entry], bundle: true, minify: true, format: "iife", target: "es2020", write: false });
  return built.outputFiles[0].text;
}

const manifest = {};
function write(name, text) {
  const [stem, ending] = name.split(".");
  const hashed = `${stem}.${createHash("sha256").update(text).digest("hex").slice(0, 12)}.${ending}`;
  writeFileSync(join(out, hashed), text);
  manifest[name] = hashed;
}
write("main.css", css);
for (const entry of ["main.js", "door.js"]) write(entry, await scriptOf(entry));
writeFileSync(join(out, "manifest.json"), JSON.stringify(manifest));

const notices = ["govuk-frontend", "@ministryofjustice/frontend", "htmx.org", "@fontsource/golos-text", "@expo-google-fonts/golos-text", "@expo-google-fonts/tinos"].map((name) => {
  const { version, license } = JSON.parse(readFileSync(join("node_modules", name, "package.json"), "utf8"));
  return `${name} ${version} (${license})`;
});
writeFileSync(join(out, "third-party.txt"), notices.join("\n") + "\n");
