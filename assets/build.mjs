// build.mjs OUTPUT.c REPORT.json DEPFILE: makes the pages' assets and the C table that holds them.
//
// Styles: Tabler's, less what no template, no C file of src/web and no script names, then our own,
// minified.  Icons: a sprite of those that src/web/icon.h lists.  Each file is named by its content
// and packed with gzip and brotli; src/web/assets.c serves the table.  Runs at build time only.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const here = dirname(fileURLToPath(import.meta.url));
const top = dirname(here);
const modules = join(here, 'node_modules');
const [output, reportFile, depfile] = process.argv.slice(2);
const read = new Set(); // files and folders whose change asks for another run

function need(condition, words) {
  if (condition)
    return;
  console.error(`assets: ${words}`);
  process.exit(1);
}

const lock = join(here, 'package-lock.json');
const installed = join(modules, '.installed-lock.json');
need(existsSync(installed) && readFileSync(lock, 'utf8') === readFileSync(installed, 'utf8'),
  'the packages of assets/package-lock.json are not installed: run script/setup');
const { build, transform } = await import('esbuild');
const { PurgeCSS } = await import('purgecss');

function text(file) {
  read.add(file);
  return readFileSync(file, 'utf8');
}

function filesBelow(folder, ending) {
  read.add(folder);
  return readdirSync(folder).sort().flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory())
      return filesBelow(path, ending);
    return ending.test(name) ? [path] : [];
  });
}

// ---- what is made

const files = []; // {constant, name, type, bytes, stays}

function add(constant, name, type, content, { packs = true } = {}) {
  const bytes = Buffer.from(content);
  const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 12);
  const dot = name.lastIndexOf('.');
  const file = { constant, name: `${name.slice(0, dot)}-${hash}${name.slice(dot)}`, type, bytes };
  if (packs) {
    file.gzip = gzipSync(bytes, { level: 9 });
    file.brotli = brotliCompressSync(bytes, {
      params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
    });
  }
  files.push(file);
  return `/a/${file.name}`;
}

async function script(entry) {
  const built = await build({
    entryPoints: [join(here, 'js', entry)], bundle: true, minify: true, format: 'iife', target: ['es2020'],
    write: false, legalComments: 'none',
  });
  return built.outputFiles[0].contents;
}

function sprite() {
  const names = [...text(join(top, 'src/web/icon.h')).matchAll(/^ {4}X\(\w+, +"([a-z0-9-]+)"/gm)].map((match) => match[1]);
  need(names.length > 0, 'src/web/icon.h lists no icons');
  const symbols = names.map((name) => {
    const file = join(modules, '@tabler/icons/icons/outline', `${name}.svg`);
    need(existsSync(file), `src/web/icon.h: there is no icon "${name}"`);
    const inner = readFileSync(file, 'utf8').replace(/^[\s\S]*?<svg[^>]*>/, '').replace(/<\/svg>\s*$/, '')
      .replace(/<path stroke="none" d="M0 0h24v24H0z" fill="none" ?\/>/, '').replace(/\s*\n\s*/g, '').replace(/ \/>/g, '/>');
    return `<symbol id="${name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round">${inner}</symbol>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join('')}</svg>\n`;
}

function fontFace(url) {
  const range = JSON.parse(readFileSync(join(modules, '@fontsource-variable/inter/unicode.json'), 'utf8')).latin;
  return `@font-face{font-family:"Inter";src:url(${url}) format("woff2");font-weight:100 900;font-display:swap;unicode-range:${range}}`;
}

const ours = filesBelow(join(here, 'css'), /\.css$/).map(text).join('\n');
const named = [...filesBelow(join(top, 'templates'), /\.html$/), ...filesBelow(join(top, 'src/web'), /(?<!_test)\.[ch]$/),
  ...filesBelow(join(here, 'js'), /\.js$/)].map((file) => ({ raw: text(file), extension: 'any' }));

// Kept whether or not a page has them yet: what pages are laid out with, so that a new page changes
// its template alone.
const always = new RegExp(`^(${[
  'row', 'row-(cards|deck)', 'col(-(sm|md|lg|xl))?(-(auto|\\d+))?', 'order-((sm|md|lg)-)?\\d', 'g[xy]?-\\d', 'gap-\\d', 'container(-(xl|lg))?',
  'card(-(header|body|title|footer|table|link|actions|subtitle))?', 'btn(-(sm|primary|icon|list|outline-danger|danger|link))?',
  'table(-(vcenter|responsive|sm|nowrap))?', 'badge', 'list-group(-item)?', 'visually-hidden', 'subheader',
  'd-((sm|md|lg|xl)-)?(none|inline|block|flex|grid|inline-flex|table-cell)', 'flex-(fill|wrap|column|row|grow-[01]|shrink-[01])', 'align-items-\\w+', 'justify-content-\\w+',
  '[mp][tbsexy]?-(auto|[0-5])', '[wh]-(25|50|75|100|auto)', 'text-(start|end|center|nowrap|truncate|break|uppercase|secondary|reset|body|wrap)', 'fw-\\w+', 'small', 'lh-\\w+',
  'form-(label|control|select|check|check-input|check-label|hint|text)', 'input-group(-text)?', 'is-invalid', 'required', 'font-monospace',
].join('|')})$`);

// Tabler's theme rules hang on an attribute that only theme.js sets.
async function style(sheet, font) {
  const css = readFileSync(join(modules, '@tabler/core/dist/css', sheet), 'utf8');
  const [purged] = await new PurgeCSS().purge({
    content: named,
    css: [{ raw: css }],
    defaultExtractor: (content) => content.match(/[A-Za-z0-9_-]+/g) ?? [],
    safelist: { standard: ['show', always], greedy: [/data-bs-theme/, /^dir$/] },
    keyframes: true,
  });
  const used = unusedVariablesOut(purged.css.replace(/\/\*[\s\S]*?\*\//g, ''));
  const own = await build({ entryPoints: [join(here, 'css/app.css')], bundle: true, write: false });
  const { code } = await transform(`${font}\n${used}\n${own.outputFiles[0].text}`, { loader: 'css', minify: true, target: ['chrome111', 'firefox113', 'safari16.4'] });
  return code;
}

// Custom properties that nothing reads, until none is left.
function unusedVariablesOut(css) {
  for (;;) {
    const uses = new Set([...`${css}\n${ours}`.matchAll(/var\(\s*(--[\w-]+)/g)].map((match) => match[1]));
    const less = css.replace(/(^|[;{])\s*(--[\w-]+)\s*:(?:"[^"]*"|'[^']*'|\([^()]*(?:\([^()]*(?:\([^()]*\)[^()]*)*\)[^()]*)*\)|[^;{}"'()])*(?=[;}])/g,
      (whole, before, name) => (uses.has(name) ? whole : before));
    if (less === css)
      return css;
    css = less;
  }
}

function notices() {
  const parts = [
    ['@tabler/core', 'MIT', 'Copyright 2018-2026 The Tabler Authors\nCopyright 2018-2026 codecalm.net Paweł Kuna\nTabler includes Bootstrap, Copyright 2011-2025 The Bootstrap Authors, MIT.'],
    ['@tabler/icons', 'MIT', ''],
    ['@fontsource-variable/inter', 'OFL-1.1', ''],
  ];
  return parts.map(([name, licence, words]) => {
    const { version, homepage, license } = JSON.parse(readFileSync(join(modules, name, 'package.json'), 'utf8'));
    need(license === licence, `${name}: the licence is now ${license}`);
    const file = join(modules, name, 'LICENSE');
    const body = existsSync(file) ? readFileSync(file, 'utf8').trim() : `${words}\n\n${mit}`;
    return `${name} ${version} (${licence})${homepage ? `\n${homepage}` : ''}\n\n${body}\n`;
  }).join(`\n${'-'.repeat(72)}\n\n`);
}

// Tabler's package names MIT and carries no file of it.
const mit = readFileSync(join(modules, '@tabler/icons/LICENSE'), 'utf8').replace(/^[\s\S]*?(?=Permission)/, '').trim();

const font = add('FONT', 'inter.woff2', 'font/woff2', readFileSync(join(modules, '@fontsource-variable/inter/files/inter-latin-wght-normal.woff2')), { packs: false });
add('STYLE', 'app.css', 'text/css; charset=utf-8', await style('tabler.css', fontFace(font)));
add('STYLE_RTL', 'app.rtl.css', 'text/css; charset=utf-8', await style('tabler.rtl.css', fontFace(font)));
add('THEME_SCRIPT', 'theme.js', 'text/javascript; charset=utf-8', await script('theme.js'));
add('SCRIPT', 'app.js', 'text/javascript; charset=utf-8', await script('app.js'));
add('ICONS', 'icons.svg', 'image/svg+xml', sprite());
add('LOGO', 'logo.svg', 'image/svg+xml', text(join(here, 'img/logo.svg')));
add('NOTICES', 'notices.txt', 'text/plain; charset=utf-8', notices());

// ---- the table

function cBytes(bytes) {
  const lines = [];
  for (let at = 0; at < bytes.length; at += 32)
    lines.push([...bytes.subarray(at, at + 32)].join(','));
  return lines.join(',\n');
}

const cText = (value) => `{"${value}", sizeof "${value}" - 1}`;
const c = ['/* Made by assets/build.mjs. */', '#include "web/assets_private.h"', ''];
const rows = [];
for (const { constant, name, type, bytes, gzip, brotli } of files) {
  const id = constant.toLowerCase();
  const part = (kind, content) => {
    if (!content || (kind !== '' && content.length >= bytes.length))
      return 'STR_NULL';
    c.push(`static const unsigned char ${id}${kind}[] = {\n${cBytes(content)}};`);
    return `{(const char *)${id}${kind}, sizeof ${id}${kind}}`;
  };
  const parts = [part('', bytes), part('_gzip', gzip), part('_brotli', brotli)];
  rows.push(`    [ASSET_${constant}] = {${cText(`/a/${name}`)}, ${cText(name)}, "${type}", {${parts.map((one) => (one === 'STR_NULL' ? '{NULL, 0}' : one)).join(', ')}}},`);
}
c.push('', 'const struct asset_file asset_files[ASSET_COUNT] = {', ...rows, '};', '');
writeFileSync(output, c.join('\n'));
writeFileSync(reportFile, `${JSON.stringify(Object.fromEntries(files.map(({ constant, name, bytes, gzip, brotli }) => [constant,
  { name, bytes: bytes.length, gzip: gzip?.length, brotli: brotli?.length }])), null, 2)}\n`);
read.add(lock);
read.add(installed);
read.add(fileURLToPath(import.meta.url));
writeFileSync(depfile, `${relative(process.cwd(), resolve(output))}: ${[...read].sort().map((file) => file.replaceAll(' ', '\\ ')).join(' ')}\n`);
