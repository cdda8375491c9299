// Opens every page of the book in a browser, in a light and a dark theme, on a desk and on a phone, and looks for what a
// reader would trip over:
//
//   requests that leave this machine, files that are missing, errors in the console, what axe says about accessibility,
//   a page that is wider than its window, figures, equations and pictures that cannot be seen, fonts that did not load.
//
// Live figures are used as a reader would, with the mouse, the keyboard and a finger; what they show must be the numbers
// in live.json, which a test of the crate `live` computes without a browser.
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
// Pages that a program writes, all of one form: each is seen in both themes and both widths, but not in all four views.
const OF_ONE_FORM = /^proofs\//;
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
    // What a live figure has put aside may be hidden; the other of its two pictures is seen.
    const live = figure.matches('.is-live') ? '.live-stage ' : figure.matches('.live') ? ':scope > ' : '';
    // On the page for the printer no figure is live, and its stage is empty.
    const shown = figure.querySelectorAll(live ? `${live}:is(svg, img, canvas)` : ':is(svg, img, audio):not(.live-stage *)');
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

/**
 * What axe says about a page, or about what lies within a part of it. Only the colours depend on the theme, and they do
 * not depend on the width: every theme's contrast is measured in a wide window, everything else in the first theme.
 */
async function accessibility(page, { theme, width }, within) {
  const [colours, others] = [width > 1000, theme === VIEWS[0].theme];
  if (!colours && !others) return [];
  await page.evaluate(axe);
  const violations = await page.evaluate(async ({ colours, others, within }) => {
    // What is drawn of a formula is hidden from readers' aids, and it is most of a page: axe sees the first twenty.
    const drawn = [...document.querySelectorAll('.katex-html')].filter((formula) => !formula.closest(within ?? 'nav'));
    for (const formula of drawn.slice(20)) formula.replaceChildren();
    const contrast = 'color-contrast';
    const chosen = others ? { rules: { [contrast]: { enabled: colours } } } : { runOnly: [contrast] };
    const found = await globalThis.axe.run(within ?? document, { resultTypes: ['violations'], ...chosen });
    return found.violations.map(({ id, impact, help, nodes }) => ({
      id, impact, help, where: nodes.map((node) => node.target.flat().join(' ')),
    }));
  }, { colours, others, within });
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
    hasTouch: width < 1000,
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
    if (options.shots) {
      const name = `${path.replace(/\.html$/, '').replaceAll('/', '-')}-${view.theme}-${view.width}.png`;
      // Chromium draws no picture higher than this.
      const fits = await page.evaluate(() => document.documentElement.scrollHeight < 16_000);
      await page.screenshot({ path: join(options.shots, name), fullPage: fits });
    }
    // Last, because it changes the page.
    if (!ALL_IN_ONE.includes(path)) wrong.push(...(await accessibility(page, view)));
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

// ---- live figures

/** The numbers that live figures must show. */
const expected = JSON.parse(readFileSync(join(here, 'live.json'), 'utf8'));

/** The first number that a figure shows in words, or the one that is asked for. */
const shown = async (figure, which = 0) => {
  const text = await figure.locator('.live-says .number').nth(which).textContent();
  return Number(text.replaceAll(',', '').replace('−', '-'));
};

/** Waits until a figure has come to life. */
async function awake(page, name) {
  const figure = page.locator(`.figure[data-live="${name}"]`);
  await figure.scrollIntoViewIfNeeded();
  await page.locator(`.figure.is-live[data-live="${name}"]`).waitFor({ timeout: 20_000 });
  return figure;
}

/** The middle of a handle's column, at a share of its height. */
async function grip(figure, label, share) {
  const handle = figure.locator(`.handle[aria-label="${label}"]`);
  // In the middle of the window, where no menu covers it.
  await handle.evaluate((element) => element.scrollIntoView({ block: 'center' }));
  const { x, y, width, height } = await handle.boundingBox();
  return { x: x + width / 2, y: y + share * height };
}

/** Sets a control as a reader does: by its keys. */
async function press(figure, control, key, times = 1) {
  await figure.locator(`[name="${control}"]`).first().focus();
  for (let i = 0; i < times; i += 1) await figure.page().keyboard.press(key);
}

/** Draws a finger over the page. */
async function swipe(page, from, to) {
  const client = await page.context().newCDPSession(page);
  const send = (type, touchPoints) => client.send('Input.dispatchTouchEvent', { type, touchPoints });
  await send('touchStart', [from]);
  for (let i = 1; i <= 4; i += 1) {
    await send('touchMove', [{ x: from.x + ((to.x - from.x) * i) / 4, y: from.y + ((to.y - from.y) * i) / 4 }]);
    await page.waitForTimeout(50);
  }
  await send('touchEnd', []);
}

/** Moves the mouse from one place to another with its button down. */
async function drag(page, from, to) {
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  await page.mouse.move(to.x, to.y, { steps: 8 });
  await page.mouse.up();
}

/** How each figure is used. Each use leads from the first view to a case of live.json. */
const USES = {
  'conv-1d': {
    page: 'conv-1d.html',
    async keyboard(page, figure) {
      await figure.locator('.handle').first().focus();
      for (const key of ['ArrowRight', 'ArrowRight', 'ArrowUp', 'ArrowUp']) await page.keyboard.press(key);
    },
    async mouse(page, figure) {
      await drag(page, await grip(figure, 'tap h[2]', 0.6), await grip(figure, 'tap h[2]', 0.02));
      await figure.locator('.live-panel').getByText('correlation').click();
    },
    async touch(page, figure) {
      await swipe(page, await grip(figure, 'sample x[2]', 0.3), await grip(figure, 'sample x[2]', 0.99));
      await figure.locator('.live-panel').getByText('valid', { exact: true }).tap();
    },
    handle: 'sample x[2]',
    // More taps than samples have no valid output: the crate says so.
    async refused(page, figure) {
      await figure.locator('[name="conv-1d-n"]').fill('2');
      await figure.locator('.live-panel').getByText('valid', { exact: true }).click();
      return 'kernel: expected at most 2 taps';
    },
  },
  'theorem-1d': {
    page: 'theorem-1d.html',
    keyboard: (page, figure) => press(figure, 'theorem-1d-m', 'ArrowRight', 2),
    async mouse(page, figure) {
      await drag(page, await grip(figure, 'sample x[0]', 0.5), await grip(figure, 'sample x[0]', 0.02));
    },
    async touch(page, figure) {
      await swipe(page, await grip(figure, 'tap h[3]', 0.4), await grip(figure, 'tap h[3]', 0.99));
    },
    handle: 'sample x[2]',
  },
  cost: {
    page: 'cost.html',
    async keyboard(page, figure) {
      await press(figure, 'cost-taps', 'ArrowRight', 2);
      await press(figure, 'cost-images', 'Home');
    },
    async mouse(page, figure) {
      for (const name of ['cost-channels', 'cost-filters']) {
        const control = figure.locator(`[name=${name}]`);
        await control.scrollIntoViewIfNeeded();
        const { x, y, width, height } = await control.boundingBox();
        await drag(page, { x: x + width / 2, y: y + height / 2 }, { x: x + 1, y: y + height / 2 });
      }
    },
    async touch(page, figure) {
      const control = figure.locator('[name=cost-images]');
      await control.scrollIntoViewIfNeeded();
      const { x, y, height } = await control.boundingBox();
      await page.touchscreen.tap(x + 3, y + height / 2);
    },
  },
  'spatial-matrix': {
    page: 'spatial-matrix.html',
    keyboard: (page, figure) => press(figure, 'spatial-matrix-chosen', 'ArrowDown', 3),
    mouse: (page, figure) => point(figure, 608 / 720, 96 / 410, (x, y) => page.mouse.move(x, y)),
    touch: (page, figure) => point(figure, 291 / 360, 109 / 450, (x, y) => page.touchscreen.tap(x, y)),
  },
  gradients: {
    page: 'gradients.html',
    keyboard: (page, figure) => press(figure, 'gradients-bins', 'ArrowLeft', 8),
    async mouse(page, figure) {
      await point(figure, 240 / 720, 80 / 500, (x, y) => page.mouse.click(x, y));
    },
    async touch(page, figure) {
      await figure.locator('.live-panel').getByText('free spectrum').tap();
    },
  },
  'conv-2d': {
    page: 'conv-2d.html',
    async keyboard(page, figure) {
      await press(figure, 'conv-2d-preset', 'ArrowUp');
      await figure.locator('canvas').first().focus();
      await page.keyboard.press('Space');
    },
    async mouse(page, figure) {
      await drag(page, await pixel(figure, 16, 10), await pixel(figure, 16, 20));
    },
    async touch(page, figure) {
      await figure.getByText('clear').tap();
      await swipe(page, await pixel(figure, 8, 8), await pixel(figure, 8, 12));
    },
    draws: true,
  },
};

/** The middle of a pixel of the picture that is drawn on. */
async function pixel(figure, row, column) {
  const canvas = figure.locator('canvas').first();
  await canvas.evaluate((element) => element.scrollIntoView({ block: 'center' }));
  const { x, y, width } = await canvas.boundingBox();
  return { x: x + ((column + 0.5) / 32) * width, y: y + ((row + 0.5) / 32) * width };
}

/** Points at a place of a picture, given as shares of its width and height. */
async function point(figure, across, down, go) {
  const stage = figure.locator('.live-stage');
  await stage.scrollIntoViewIfNeeded();
  const { x, y, width, height } = await stage.boundingBox();
  await go(x + across * width, y + down * height);
}

/** Uses a live figure in one way, and compares what it shows. */
function use(browser, origin, path, view) {
  const { name, way } = view;
  return open(browser, origin, path, view, async (page, wrong) => {
    const figure = await awake(page, name);
    const says = figure.locator('.live-says');
    const first = await says.textContent();
    await USES[name][way](page, figure);
    await page.waitForTimeout(400);
    const { value, which } = expected.find((one) => one.figure === name && one.way === way);
    const number = await shown(figure, which);
    if (!(Math.abs(number - value) < 0.006)) wrong.push(`${name}, by ${way}: shows ${number}, the crate says ${value}`);
    if (await figure.locator('.live-says.refused').count()) wrong.push(`${name}: ${await says.textContent()}`);
    wrong.push(...(await accessibility(page, view, `.figure[data-live="${name}"]`)));
    // The address holds what is seen: whoever opens it sees the same.
    const address = page.url();
    if (!address.includes(`#${name}?`)) wrong.push(`${name}: the address does not say what is seen: ${address}`);
    const there = await page.context().newPage();
    await there.goto(address, { waitUntil: 'domcontentloaded', timeout: 60_000 });
    const again = await awake(there, name);
    if ((await shown(again, which)) !== number) wrong.push(`${name}: ${address} shows ${await shown(again, which)} instead of ${number}`);
    await there.close();
    if (USES[name].refused) {
      const words = await USES[name].refused(page, figure);
      await page.waitForTimeout(200);
      const text = await says.textContent();
      if (!text.includes(words) || !(await says.evaluate((element) => element.classList.contains('refused')))) {
        wrong.push(`${name}: says "${text}" where the crate refuses`);
      }
    }
    await figure.locator('.live-reset').click();
    if ((await says.textContent()) !== first) wrong.push(`${name}: "as it was" is not as it was`);
    return {};
  });
}

/** Drags a handle for two seconds: how long frames take, and whether anything moved while the figure came to life. */
async function measure(browser, origin, name) {
  const frames = [];
  const result = await open(browser, origin, USES[name].page, { theme: 'light', width: 1280 }, async (page, wrong) => {
    await page.evaluate(async () => {
      await Promise.all([...document.fonts].map((font) => font.load()));
      globalThis.shifts = [];
      // What moved before, the page moved by itself.
      new PerformanceObserver((list) => {
        for (const { sources } of list.getEntries()) {
          for (const { node, previousRect, currentRect } of sources) {
            // The letters of a formula move when its fonts come. What a figure moves is whole blocks.
            const element = node?.nodeType === Node.TEXT_NODE ? node.parentElement : node;
            if (!element || element.closest('.katex')) continue;
            if (Math.hypot(previousRect.x - currentRect.x, previousRect.y - currentRect.y) < 1) continue;
            const where = ({ x, y, width }) => `(${x}, ${y}) ${width} px wide`;
            globalThis.shifts.push(`${node.className || node.textContent.slice(0, 20)}, ${where(previousRect)}, to ${where(currentRect)}`);
          }
        }
      }).observe({ type: 'layout-shift' });
    });
    const figure = await awake(page, name);
    await page.waitForTimeout(300);
    const shifts = await page.evaluate(() => globalThis.shifts);
    if (shifts.length) wrong.push(`${name} moves the page when it comes to life: ${shifts.slice(0, 3).join(', ')}`);
    const times = await figure.evaluate(async (figure, label) => {
      const handle = figure.querySelector(label === true ? 'canvas' : `.handle[aria-label="${label}"]`);
      const control = figure.querySelector('[type="range"], select');
      const box = handle?.getBoundingClientRect();
      const send = (type, y) => handle.dispatchEvent(new PointerEvent(type, {
        pointerId: 1, clientX: box.x + box.width / 2, clientY: y, bubbles: true, cancelable: true,
      }));
      if (handle) {
        // A pointer that no hand holds cannot be captured: the handle is told that it was.
        handle.setPointerCapture = () => {};
        handle.hasPointerCapture = () => true;
        send('pointerdown', box.y + box.height / 2);
      }
      const [gaps, work, idle] = [[], [], []];
      let last = await new Promise(requestAnimationFrame);
      // First the frames of a page that does nothing: what this machine can do at all.
      for (let i = 0; i < 60; i += 1) {
        const now = await new Promise(requestAnimationFrame);
        idle.push(now - last);
        last = now;
      }
      for (let i = 0; i < 120; i += 1) {
        const before = performance.now();
        if (handle) send('pointermove', box.y + box.height * (0.5 + 0.45 * Math.sin(i / 7)));
        else {
          const [least, most] = control.localName === 'select' ? [0, control.options.length - 1] : [Number(control.min), Number(control.max)];
          control.value = least + (i % (most - least + 1));
          control.dispatchEvent(new Event('input', { bubbles: true }));
        }
        const events = performance.now() - before;
        const now = await new Promise(requestAnimationFrame);
        // What was asked for is drawn in this frame, before or after this line; layout is forced here, too.
        const drawing = performance.now();
        figure.getBoundingClientRect();
        work.push(events + performance.now() - drawing);
        gaps.push(now - last);
        last = now;
      }
      const sorted = (list) => list.sort((a, b) => a - b);
      return { gaps: sorted(gaps), work: sorted(work), idle: sorted(idle) };
    }, USES[name].handle ?? USES[name].draws ?? '');
    const { gaps, work, idle } = times;
    frames.push(`a frame every ${gaps[60].toFixed(1)} ms (idle: ${idle[30].toFixed(1)} ms), of which the figure's script and layout take `
      + `${work[60].toFixed(1)} ms, in 95 % of frames at most ${work[113].toFixed(1)} ms`);
    // Sixty frames a second leave a frame 16.7 ms. What else the machine does only adds to it, so that the fastest tenth of
    // the frames shows what the figure takes by itself.
    if (work[12] > 1000 / 60) wrong.push(`${name} takes too long for sixty frames a second`);
    return {};
  });
  console.log(`${result.wrong.length ? 'FAIL' : 'ok  '} ${name} while dragged: ${frames.join()}`);
  for (const what of result.wrong) console.log(`       ${what}`);
  return result.wrong.length === 0;
}

/** A page with a live figure without scripts, and one from the file system. */
async function without(browser, name) {
  const wrong = [];
  await tried(browser, name, wrong).catch((error) => wrong.push(`${name}: ${error.message.split('\n')[0]}`));
  console.log(`${wrong.length ? 'FAIL' : 'ok  '} ${name} without scripts, and from a file`);
  for (const what of wrong) console.log(`       ${what}`);
  return wrong.length === 0;
}

async function tried(browser, name, wrong) {
  const file = `file://${join(book, USES[name].page)}`;
  const still = await browser.newContext({ javaScriptEnabled: false });
  const page = await still.newPage();
  await page.goto(file, { waitUntil: 'domcontentloaded' });
  const seen = (selector) => page.locator(`.figure[data-live="${name}"] ${selector}`).first().isVisible();
  if (!(await seen('> :is(svg, div:not(.live-stage), img)'))) wrong.push(`${name}: without scripts there is no picture`);
  if (await seen('.live-panel')) wrong.push(`${name}: without scripts there are controls that do nothing`);
  await still.close();
  const here = await browser.newContext();
  const local = await here.newPage();
  local.on('pageerror', (error) => wrong.push(`${name} from a file: ${error.message}`));
  local.on('request', (request) => {
    if (!/^(file|data|blob):/.test(request.url())) wrong.push(`${name} from a file asks for ${request.url()}`);
  });
  await local.goto(file, { waitUntil: 'domcontentloaded' });
  const figure = await awake(local, name).catch(() => null);
  if (!figure) wrong.push(`${name}: from a file it does not come to life`);
  else {
    const { keyboard } = USES[name];
    await keyboard(local, figure);
    await local.waitForTimeout(400);
    const { value, which } = expected.find((one) => one.figure === name && one.way === 'keyboard');
    if (!(Math.abs((await shown(figure, which)) - value) < 0.006)) wrong.push(`${name} from a file shows another number`);
    if (!local.url().includes(`#${name}?`)) wrong.push(`${name} from a file: the address does not say what is seen`);
  }
  await here.close();
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
  const few = [VIEWS[0], VIEWS[3]];
  const views = page === SHOWS_EVERYTHING ? [...VIEWS, ...OTHER_THEMES] : OF_ONE_FORM.test(page) ? few : VIEWS;
  return views.map((view) => ({ page, view, run: check }));
});
for (const view of VIEWS.slice(0, 2)) jobs.push({ page: 'index.html', view, run: operate, what: 'controls' });

for (const [name, { page }] of Object.entries(USES)) {
  if (!pages.includes(page)) continue;
  const ways = [['keyboard', 'light', 1280], ['mouse', 'navy', 1280], ['touch', 'light', 390]];
  // Between them these two have everything that has a colour.
  if (['conv-1d', 'conv-2d'].includes(name)) ways.push(...OTHER_THEMES.map(({ theme, width }) => ['keyboard', theme, width]));
  for (const [way, theme, width] of ways) jobs.push({ page, view: { theme, width, name, way }, run: use, what: `live ${name}` });
}

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

// Alone: nothing else draws while frames are timed.
for (const [name, { page }] of Object.entries(USES)) {
  if (!pages.includes(page)) continue;
  for (const fine of [await measure(browser, origin, name), await without(browser, name)]) {
    if (fine) passed += 1;
    else failed += 1;
  }
}

await browser.close();
server.close();
const seconds = ((Date.now() - started) / 1000).toFixed(0);
console.log(`${pages.length} pages in ${seconds} s; not a page: ${FRAMES.join(', ')}`);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);
