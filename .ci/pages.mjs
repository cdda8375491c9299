// Opens every page of the book in a browser, in a light and a dark theme, on a desk and on a phone, and looks for what a
// reader would trip over:
//
//   requests that leave this machine, files that are missing, errors in the console, what axe says about accessibility,
//   a page that is wider than its window, figures, equations and pictures that cannot be seen, fonts that did not load.
//
//   node pages.mjs [--book DIR] [--shots DIR] [--only TEXT]

import { readFileSync } from 'node:fs';
import { mkdir, readFile, readdir, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { dirname, extname, join, normalize, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';

const here = dirname(fileURLToPath(import.meta.url));
const { values: options } = parseArgs({
  options: {
    book: { type: 'string', default: join(here, '../target/book') },
    shots: { type: 'string' },
    only: { type: 'string', default: '' },
  },
});
const book = resolve(options.book);
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const WINDOWS = { 1280: { width: 1280, height: 900 }, 390: { width: 390, height: 844 } };
const DARK = ['coal', 'navy', 'ayu'];
// Every page is seen in two themes and two widths; one page that shows every kind of block is seen in all themes.
const VIEWS = ['light', 'navy'].flatMap((theme) => [1280, 390].map((width) => ({ theme, width })));
const OTHER_THEMES = ['rust', 'coal', 'ayu'].map((theme) => ({ theme, width: 1280 }));
const SHOWS_EVERYTHING = 'conv-1d.html';
// The table of contents for browsers without scripts: a frame, not a page.
const FRAMES = ['toc.html'];
// All chapters on one page, for the printer. axe looks at each of them on its own page.
const ALL_IN_ONE = ['print.html'];

const TYPES = {
  '.html': 'text/html; charset=utf-8', '.css': 'text/css', '.js': 'text/javascript', '.svg': 'image/svg+xml',
  '.png': 'image/png', '.wav': 'audio/wav', '.woff2': 'font/woff2', '.csv': 'text/csv', '.wasm': 'application/wasm',
};

/** Serves the book to this machine. */
async function serve() {
  const server = createServer(async (request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url, 'http://book').pathname));
    try {
      const file = join(book, path.endsWith('/') ? `${path}index.html` : path);
      const content = await readFile(file);
      response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' }).end(content);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
  return { server, origin: `http://127.0.0.1:${server.address().port}` };
}

/** All pages of the book, the longest first, so that no worker is left with it at the end. */
async function findPages() {
  const files = await readdir(book, { recursive: true });
  const pages = files.filter((file) => file.endsWith('.html') && !FRAMES.includes(file) && file.includes(options.only));
  const sizes = await Promise.all(pages.map(async (page) => (await stat(join(book, page))).size));
  return pages.map((page, i) => ({ page, size: sizes[i] })).sort((a, b) => b.size - a.size).map(({ page }) => page);
}

/** What is wrong with a page as it lies in the window. Runs in the browser. */
async function look() {
  const wrong = [];
  // What is folded is looked at, too.
  for (const details of document.querySelectorAll('details')) details.open = true;
  await document.fonts.ready;
  for (const selector of [':root', 'body', '.page', '.content']) {
    const box = document.querySelector(selector);
    if (box && box.scrollWidth > box.clientWidth) {
      const inside = [...document.querySelectorAll('main *')].filter((e) => e.getBoundingClientRect().right > innerWidth);
      const widest = inside.slice(0, 3).map((e) => `${e.localName}.${e.getAttribute('class') ?? ''}`).join(' > ');
      wrong.push(`${selector} is ${box.scrollWidth} px wide in a window of ${box.clientWidth} px (${widest})`);
    }
  }
  const seen = (what, element) => {
    const { width, height } = element.getBoundingClientRect();
    const visible = element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
    if (!visible || width < 4 || height < 4) wrong.push(`${what} cannot be seen (${width} × ${height} px)`);
  };
  const equations = [...document.querySelectorAll('.equation')];
  for (const equation of equations) {
    for (const part of ['.formula .katex-html', '.tag .number', '.tag .badge']) {
      const element = equation.querySelector(part);
      if (element) seen(`${equation.id} ${part}`, element);
      else wrong.push(`${equation.id} has no ${part}`);
    }
  }
  const figures = [...document.querySelectorAll('.figure')];
  for (const figure of figures) {
    const shown = figure.querySelectorAll('svg, img, audio');
    for (const element of shown) seen(`${figure.id} ${element.localName}`, element);
    if (shown.length === 0) wrong.push(`${figure.id} shows nothing`);
    if (!figure.querySelector('figcaption')?.textContent.trim()) wrong.push(`${figure.id} has no caption`);
  }
  for (const image of document.querySelectorAll('main img')) {
    await image.decode().catch(() => wrong.push(`the picture ${image.getAttribute('src')} cannot be shown`));
  }
  for (const sound of document.querySelectorAll('main audio[src], main audio source')) {
    const answer = await fetch(sound.src);
    if (!answer.ok || (await answer.arrayBuffer()).byteLength === 0) wrong.push(`the sound ${sound.getAttribute('src')} is missing`);
  }
  const ids = [...document.querySelectorAll('[id]')].map((element) => element.id);
  for (const id of ids.filter((id, i) => ids.indexOf(id) !== i).slice(0, 3)) wrong.push(`the id ${id} twice`);
  const loaded = [...document.fonts].filter((font) => font.status === 'loaded').map((font) => font.family);
  if (document.querySelector('main .katex') && !loaded.some((family) => family.includes('KaTeX'))) {
    wrong.push('the fonts of the formulas did not load');
  }
  for (const font of document.fonts) if (font.status === 'error') wrong.push(`the font ${font.family} did not load`);
  return { wrong, equations: equations.length, figures: figures.length };
}

/** What axe says about a page. Colours do not depend on the width: their contrast is measured in wide windows only. */
async function accessibility(page, { width }) {
  await page.evaluate(axe);
  const violations = await page.evaluate(async (colours) => {
    const rules = { 'color-contrast': { enabled: colours } };
    const found = await globalThis.axe.run(document, { resultTypes: ['violations'], rules });
    return found.violations.map(({ id, impact, help, nodes }) => ({
      id, impact, help, where: nodes.map((node) => node.target.flat().join(' ')),
    }));
  }, width > 1000);
  return violations.map(({ id, impact, help, where }) => {
    const more = where.length > 3 ? ` and ${where.length - 3} more` : '';
    return `axe ${id} (${impact}): ${help}: ${where.slice(0, 3).join(', ')}${more}`;
  });
}

/** Opens a page in a view; `visit` is called with it, and everything that went wrong is returned. */
async function open(browser, origin, path, { theme, width }, visit) {
  const wrong = [];
  const context = await browser.newContext({
    viewport: WINDOWS[width],
    colorScheme: DARK.includes(theme) ? 'dark' : 'light',
    reducedMotion: 'reduce',
  });
  try {
    await context.addInitScript((name) => {
      localStorage.setItem('mdbook-theme', name);
      // The page that prints itself would wait for a dialogue.
      window.print = () => {};
    }, theme);
    const page = await context.newPage();
    page.on('console', (message) => {
      if (message.type() === 'error') wrong.push(`console: ${message.text()}`);
    });
    page.on('pageerror', (error) => wrong.push(`script: ${error.message}`));
    page.on('request', (request) => {
      const url = request.url();
      if (!url.startsWith(origin) && !/^(data|blob):/.test(url)) wrong.push(`asks another machine: ${url}`);
    });
    page.on('response', (response) => {
      if (response.status() >= 400) wrong.push(`${response.status()}: ${response.url().slice(origin.length)}`);
    });
    page.on('requestfailed', (request) => {
      // A player stops loading when it has heard enough.
      if (request.resourceType() !== 'media') wrong.push(`failed: ${request.url()} ${request.failure()?.errorText}`);
    });
    await page.goto(`${origin}/${path}`, { waitUntil: 'load', timeout: 60_000 });
    const facts = await visit(page, wrong);
    return { ...facts, wrong };
  } catch (error) {
    return { wrong: [...wrong, `${error.message}`.split('\n')[0]] };
  } finally {
    await context.close();
  }
}

/** Looks at a page in a view. */
function check(browser, origin, path, view) {
  return open(browser, origin, path, view, async (page, wrong) => {
    const { wrong: seen, ...facts } = await page.evaluate(look);
    wrong.push(...seen);
    if (!ALL_IN_ONE.includes(path)) wrong.push(...(await accessibility(page, view)));
    if (options.shots) {
      const name = `${path.replace(/\.html$/, '').replaceAll('/', '-')}-${view.theme}-${view.width}.png`;
      // Chromium draws no picture higher than this.
      const fits = await page.evaluate(() => document.documentElement.scrollHeight < 16_000);
      await page.screenshot({ path: join(options.shots, name), fullPage: fits });
    }
    return facts;
  });
}

/** Uses the book's controls with the keyboard alone: the table of contents and the search. */
function operate(browser, origin, path, view) {
  return open(browser, origin, path, view, async (page, wrong) => {
    const toggle = page.locator('#mdbook-sidebar-toggle');
    const before = await toggle.getAttribute('aria-expanded');
    await toggle.focus();
    await page.keyboard.press('Enter');
    await page.waitForTimeout(400);
    if ((await toggle.getAttribute('aria-expanded')) === before) wrong.push('Enter does not toggle the table of contents');
    const shown = await page.locator('#mdbook-sidebar').isVisible();
    if (shown === (before === 'true')) wrong.push('the table of contents is not where its button says');
    wrong.push(...(await accessibility(page, view)));
    await page.keyboard.press('Enter');
    await page.locator('#mdbook-search-toggle').focus();
    await page.keyboard.press('Enter');
    await page.locator('#mdbook-searchbar').pressSequentially('convolution');
    await page.locator('#mdbook-searchresults li').first().waitFor({ timeout: 20_000 });
    wrong.push(...(await accessibility(page, view)));
    return {};
  });
}

const started = Date.now();
const pages = await findPages();
if (pages.length === 0) {
  console.error(`no page in ${relative('.', book) || book}\n  mend: build the book first, with \`cargo book\``);
  process.exit(1);
}
if (options.shots) await mkdir(options.shots, { recursive: true });
const { server, origin } = await serve();
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: [
    '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync', '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
  ],
});

const jobs = pages.flatMap((page) => {
  const views = page === SHOWS_EVERYTHING ? [...VIEWS, ...OTHER_THEMES] : VIEWS;
  return views.map((view) => ({ page, view, run: check }));
});
for (const view of [VIEWS[0], VIEWS[3]]) jobs.push({ page: 'index.html', view, run: operate, what: 'controls' });

const left = new Map();
for (const { page, what } of jobs) left.set(what ?? page, (left.get(what ?? page) ?? 0) + 1);
const reports = new Map();
let [passed, failed] = [0, 0];

/** Prints a line for a page when all its views are done. */
function report(name, view, result, milliseconds) {
  const lines = reports.get(name) ?? { views: 0, milliseconds: 0, wrong: [] };
  reports.set(name, lines);
  lines.views += 1;
  lines.milliseconds += milliseconds;
  lines.facts = result.equations === undefined ? '' : `, ${result.equations} equations, ${result.figures} figures`;
  for (const what of new Set(result.wrong)) lines.wrong.push(`       ${view.theme} ${view.width}: ${what}`);
  if (result.wrong.length > 0) failed += 1;
  else passed += 1;
  left.set(name, left.get(name) - 1);
  if (left.get(name) > 0) return;
  const word = lines.wrong.length > 0 ? 'FAIL' : 'ok  ';
  console.log(`${word} ${name}: ${lines.views} views${lines.facts} (${(lines.milliseconds / 1000).toFixed(1)} s)`);
  for (const line of lines.wrong) console.log(line);
}

const queue = jobs[Symbol.iterator]();
await Promise.all(Array.from({ length: Math.max(2, availableParallelism()) }, async () => {
  for (const { page, view, run, what } of queue) {
    const start = Date.now();
    report(what ?? page, view, await run(browser, origin, page, view), Date.now() - start);
  }
}));

await browser.close();
server.close();
const seconds = ((Date.now() - started) / 1000).toFixed(0);
console.log(`${pages.length} pages in ${seconds} s; not a page: ${FRAMES.join(', ')}`);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);
