// pages.mjs: checks a list of pages at both widths, light and dark, and leaves pictures of them in
// build/screens/.
//
//   import { checkPages } from './pages.mjs';
//   await checkPages(browser, 'http://127.0.0.1:8080', [
//     { name: 'customers', path: '/customers' },
//     { name: 'invoice-ar', path: '/portal/invoices/…', rtl: true },
//   ], { signIn: async (page) => { … }, test });
//
// Each page: 0 axe violations, 0 CSP reports, 0 console errors, nothing wider than the window, no
// dead link, no unknown icon; and within the budgets of browser.mjs.
import assert from 'node:assert/strict';
import { NARROW, WIDE, checkBudgets, renderMs, weigh } from './browser.mjs';

const shade = (page) => page.evaluate(() => {
  const dot = document.createElement('canvas').getContext('2d');
  dot.fillStyle = getComputedStyle(document.body).backgroundColor;
  dot.fillRect(0, 0, 1, 1);
  const [r, g, b] = dot.getImageData(0, 0, 1, 1).data;
  return r + g + b < 3 * 128 ? 'dark' : 'light';
});

// The page in a theme, as the system has it: its picture, and that its styles have the theme, which
// purged ones would lose.
async function look(page, theme, name, isOurs) {
  await page.emulateMedia({ colorScheme: theme });
  if (isOurs)
    await page.waitForFunction((wanted) => document.documentElement.getAttribute('data-bs-theme') === wanted, theme);
  assert.equal(await shade(page), theme);
  await page.shoot(`${name}-${theme}`);
}

// `signIn(page)` is called once for each width; `test(name, function)` runs and counts a test.  A page
// that is slow for a reason says `isSlow: true` and is not held to the server's time.  `isOurs` false:
// the pages are of another program than Billow, of one language and the system's theme.
export async function checkPages(browser, base, pages, { signIn = async () => {}, test, prefix = '', isOurs = true }) {
  for (const width of [WIDE, NARROW]) {
    const page = await browser.page({ width });
    await signIn(page);
    for (const { name, path, rtl = false, status = 200 } of pages) {
      const picture = `${prefix}${name}-${width}`;
      await test(`${picture}-light`, async () => {
        page.complaints.length = 0;
        page.expectStatus = status === 200 ? [] : [status];
        const response = await page.goto(base + path, { waitUntil: 'load' });
        assert.equal(response.status(), status, `${path}: status`);
        assert.equal(await page.evaluate(() => getComputedStyle(document.documentElement).direction), rtl ? 'rtl' : 'ltr');
        await look(page, 'light', picture, isOurs);
        await page.verify(path);
      });
      await test(`${picture}-dark`, async () => {
        await look(page, 'dark', picture, isOurs);
        await page.verify(path, { coloursAlone: true });
      });
      await page.emulateMedia({ colorScheme: 'light' });
    }
    if (width === WIDE) {
      for (const { name, path, status = 200, isSlow = false } of pages) {
        if (status !== 200)
          continue;
        await test(`${prefix}${name} budgets`, async () => {
          const weights = await weigh(page, base + path);
          const ms = await renderMs(page, base + path);
          console.log(`    ${path}: HTML ${weights.html} B, JS ${weights.js} B, CSS ${weights.css} B, first visit ${weights.first} B, server ${ms.toFixed(1)} ms`);
          checkBudgets(path, { ...weights, ...(isSlow ? {} : { renderMs: ms }) });
        });
      }
    }
    await page.context().close();
  }
}
