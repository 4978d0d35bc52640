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

const looks = [
  { width: WIDE, dark: false },
  { width: WIDE, dark: true },
  { width: NARROW, dark: false },
  { width: NARROW, dark: true },
];

// `signIn(page)` is called once for each look; `test(name, function)` runs and counts a test.  A page
// that is slow for a reason says `isSlow: true` and is not held to the server's time.
export async function checkPages(browser, base, pages, { signIn = async () => {}, test, prefix = '' }) {
  for (const look of looks) {
    const label = `${look.width}-${look.dark ? 'dark' : 'light'}`;
    const page = await browser.page(look);
    await signIn(page);
    for (const { name, path, rtl = false, status = 200 } of pages) {
      await test(`${prefix}${name} ${label}`, async () => {
        page.complaints.length = 0;
        page.expectStatus = status === 200 ? [] : [status];
        const response = await page.goto(base + path, { waitUntil: 'load' });
        assert.equal(response.status(), status, `${path}: status`);
        await page.shoot(`${prefix}${name}-${label}`);
        assert.equal(await page.evaluate(() => document.documentElement.dir), rtl ? 'rtl' : 'ltr');
        assert.equal(await page.evaluate(() => document.documentElement.getAttribute('data-bs-theme')), look.dark ? 'dark' : 'light');
        const [r, g, b] = await page.evaluate(() => {
          const dot = document.createElement('canvas').getContext('2d');
          dot.fillStyle = getComputedStyle(document.body).backgroundColor;
          dot.fillRect(0, 0, 1, 1);
          return dot.getImageData(0, 0, 1, 1).data;
        }).then(Object.values);
        assert.ok(look.dark === r + g + b < 3 * 128, `the page is ${r + g + b < 3 * 128 ? 'dark' : 'light'}`); // purged styles lose it
        await page.verify(path);
      });
    }
    if (look === looks[0]) {
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
