// kit.mjs KIT_SERVER [NAME...]: the page kit in Chromium, on pages that are made for this test alone.
import assert from 'node:assert/strict';
import { NARROW, openBrowser } from './browser.mjs';
import { checkPages } from './pages.mjs';
import { counter } from './run_tests.mjs';
import { start } from './server.mjs';

const { test, end } = counter();
const server = await start(process.argv[2]);
const browser = await openBrowser();
const { base } = server;

try {
  // The other parts are on the console's and the portal's own pages.
  await checkPages(browser, base, [
    { name: 'dashboard', path: '/' },
    { name: 'list', path: '/list' },
    { name: 'form', path: '/form' },
    { name: 'dashboard-ar', path: '/?lang=ar', rtl: true },
  ], { test, prefix: 'kit-' });

  await test('theme is switched and remembered', async () => {
    const page = await browser.page({ dark: true });
    const theme = () => page.evaluate(() => document.documentElement.getAttribute('data-bs-theme'));
    await page.goto(base);
    assert.equal(await theme(), 'dark');
    await page.click('.topbar [data-theme-toggle]');
    assert.equal(await theme(), 'light');
    await page.goto(`${base}/list`);
    assert.equal(await theme(), 'light');
    await page.context().close();
  });

  await test('keys: rows, shortcuts, search, list of shortcuts', async () => {
    const page = await browser.page();
    await page.goto(`${base}/list`);
    const focused = () => page.evaluate(() => document.activeElement.textContent.trim());
    await page.keyboard.press('j');
    assert.equal(await focused(), 'Helvetia Robotics');
    await page.keyboard.press('j');
    assert.equal(await focused(), 'Aurora Genomics');
    await page.keyboard.press('k');
    assert.equal(await focused(), 'Helvetia Robotics');
    await page.keyboard.press('/');
    assert.equal(await page.evaluate(() => document.activeElement.name), 'q');
    await page.keyboard.type('gj?'); // typed, no shortcuts
    assert.equal(await page.inputValue('.topbar input[name=q]'), 'gj?');
    await page.keyboard.press('Tab');
    await page.keyboard.press('?');
    assert.ok(await page.isVisible('#shortcuts'));
    assert.deepEqual((await page.axe()).map(({ id }) => id), []);
    await page.keyboard.press('Escape');
    assert.ok(!await page.isVisible('#shortcuts'));
    await page.keyboard.press('g');
    await page.keyboard.press('u');
    await page.waitForURL(`${base}/empty`);
    await page.context().close();
  });

  await test('the menu on phones', async () => {
    const page = await browser.page({ width: NARROW });
    await page.goto(base);
    assert.ok(!await page.isVisible('#menu'));
    await page.click('[data-toggle=menu]');
    assert.ok(await page.isVisible('#menu'));
    assert.equal(await page.getAttribute('[data-toggle=menu]', 'aria-expanded'), 'true');
    await page.shoot('kit-menu-390-light', { fullPage: false });
    await page.verify();
    await page.click('#menu >> text=Customers');
    await page.waitForURL(`${base}/list`);
    await page.context().close();
  });

  await test('copying', async () => {
    const page = await browser.page({ permissions: ['clipboard-read', 'clipboard-write'] });
    await page.goto(base);
    await page.click('[data-copy=acc_1XK9]');
    await page.waitForSelector('[data-copy=acc_1XK9].done');
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), 'acc_1XK9');
    await page.context().close();
  });

  await test('charts: figures at a column, and as a table', async () => {
    const page = await browser.page();
    await page.goto(base);
    await page.hover('.chart-wide .col[data-row="11"]');
    const tip = await page.textContent('.tip');
    assert.ok(tip.includes('Nov') && tip.includes('€124,000.00') && tip.includes('€215,000.00'), tip);
    await page.shoot('kit-tip-1440-light', { fullPage: false });
    await page.mouse.move(0, 0);
    assert.equal(await page.locator('.tip').count(), 0);
    await page.click('.as-table summary >> nth=0');
    assert.equal(await page.locator('.as-table >> nth=0 >> tbody tr').count(), 12);
    await page.verify();
    await page.context().close();
  });

  await test('menus of the top bar close', async () => {
    const page = await browser.page();
    await page.goto(`${base}/empty`);
    await page.click('.topbar details.drop >> nth=1');
    assert.ok(await page.isVisible('.topbar >> text=Sign out'));
    await page.shoot('kit-user-1440-light', { fullPage: false });
    await page.verify();
    await page.keyboard.press('Escape');
    assert.ok(!await page.isVisible('.topbar >> text=Sign out'));
    await page.click('.topbar details.drop >> nth=0');
    await page.click('h1');
    assert.ok(!await page.isVisible('.topbar >> text=العربية'));
    await page.context().close();
  });

  await test('without JavaScript: menu, table of a chart, user menu', async () => {
    const page = await browser.page({ width: NARROW, js: false });
    await page.goto(base);
    assert.ok(await page.isVisible('#menu'));
    assert.equal(await page.locator('.needs-js:visible').count(), 0);
    await page.click('.as-table summary >> nth=0');
    assert.ok(await page.isVisible('.as-table table >> nth=0'));
    await page.click('.mob-actions details.drop >> nth=1');
    assert.ok(await page.isVisible('.mob-actions >> text=Sign out'));
    await page.shoot('kit-nojs-390-light');
    await page.context().close();
  });

  await test('what was typed comes back as it was', async () => {
    const page = await browser.page();
    await page.goto(`${base}/form`);
    assert.equal(await page.inputValue('#name'), '<b>"Kestrel"</b> & Co 🦅');
    assert.equal(await page.inputValue('#notes'), '\nمرحبا\n</textarea>');
    assert.equal(await page.locator('#name b').count(), 0);
    assert.equal(await page.getAttribute('#mail', 'aria-describedby'), 'mail-error');
    assert.equal(await page.evaluate(() => document.activeElement.getAttribute('role')), 'alert');
    await page.context().close();
  });

  await test('assets: kept for ever, packed, 404 for others', async () => {
    const page = await browser.page();
    const html = await (await page.request.get(base)).text();
    const style = /href="(\/a\/app-[0-9a-f]+\.css)"/.exec(html)[1];
    for (const [accept, coding] of [['br, gzip', 'br'], ['gzip, deflate', 'gzip'], ['br;q=0, gzip;q=0.5', 'gzip'], ['identity', undefined]]) {
      const response = await fetch(base + style, { headers: { 'Accept-Encoding': accept } });
      assert.equal(response.status, 200);
      assert.equal(response.headers.get('content-encoding') ?? undefined, coding, accept);
      assert.equal(response.headers.get('cache-control'), 'public, max-age=31536000, immutable');
      assert.equal(response.headers.get('vary'), 'Accept-Encoding');
      assert.ok((await response.text()).includes('data-bs-theme'));
    }
    for (const name of ['app.css', 'app-000000000000.css', '..%2f..%2fetc%2fpasswd', '%00'])
      assert.ok([400, 404].includes((await fetch(`${base}/a/${name}`)).status), name);
    const notices = /a\/notices-[0-9a-f]+\.txt/;
    assert.ok(!notices.test(html));
    await page.context().close();
  });
} finally {
  await browser.close();
  await server.stop();
}
end();
