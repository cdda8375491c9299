// Draws the card that a link to the book shows elsewhere, book/images/card.png: the title, the description and the first
// figure of the introduction, in the type and the colours of the book.
//
//   cargo book && cd .ci && npm ci && node card.mjs

import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

const STYLE = `
  body { margin: 0; width: 1200px; height: 630px; box-sizing: border-box; padding: 52px 80px; background: var(--bg);
         border-top: 14px solid var(--signal); }
  h1 { font-size: 74px; line-height: 1.1; font-weight: 600; margin: 0 0 22px; text-wrap: balance; }
  p { font-size: 29px; line-height: 1.4; margin: 0 0 34px; color: var(--fig-muted); max-width: 960px; }
  svg { width: 1040px !important; max-width: none !important; height: auto; }
  svg text { font-family: "Open Sans", sans-serif; }
`;

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu'],
});
try {
  const page = await browser.newPage({ viewport: { width: 1200, height: 630 }, colorScheme: 'light' });
  await page.goto(pathToFileURL(join(root, 'target/book/introduction.html')).href);
  await page.evaluate((style) => {
    const title = document.createElement('h1');
    title.textContent = document.querySelector('main h1').textContent;
    const text = document.createElement('p');
    text.textContent = document.querySelector('meta[name=description]').content;
    const figure = document.querySelector('main .figure svg');
    document.body.replaceChildren(title, text, figure);
    document.head.append(Object.assign(document.createElement('style'), { textContent: style }));
  }, STYLE);
  await page.evaluate(() => document.fonts.ready);
  await page.screenshot({ path: join(root, 'book/images/card.png') });
} finally {
  await browser.close();
}
