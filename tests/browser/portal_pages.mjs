// portal_pages.mjs BILLOW [NAME...]: every page of the portal, in each look and from right to left.
import assert from 'node:assert/strict';
import { NARROW, openBrowser } from './browser.mjs';
import { checkPages } from './pages.mjs';
import { CUSTOMER, NOBODY, TOTALS, apiOf, euros, makeWorld } from './portal_world.mjs';
import { counter } from './run_tests.mjs';
import { startBillow } from './server.mjs';

const { test, end } = counter();
// A gateway that nobody asks, so that there is a button to pay.
const billow = await startBillow(process.argv[2], { args: ['--test-clock'], env: { BILLOW_SANDBOX_GATEWAY_URL: 'http://localhost:9',
  BILLOW_SANDBOX_GATEWAY_KEY: 'key', BILLOW_SANDBOX_GATEWAY_SECRET: `whsec_${Buffer.alloc(32).toString('base64')}` } });
const browser = await openBrowser();
const api = apiOf(billow.base, billow.key);
const { clock, invoices } = await makeWorld(api);

const signInAs = (customer, lang = 'en') => async (page) => {
  const { customer: { portal_url: url } } = await api('GET', `/customers/${customer.external_id}/portal_url`);
  await page.goto(`${billow.base}${new URL(url).pathname}?lang=${lang}`);
  await page.locator('main form button[type=submit]').click();
  await page.waitForURL('**/portal');
};

try {
  await checkPages(browser, billow.base, [
    { name: 'overview', path: '/portal' },
    { name: 'invoices', path: '/portal/invoices' },
    { name: 'invoices-overdue', path: '/portal/invoices?state=overdue' },
    { name: 'invoices-none', path: '/portal/invoices?state=voided' },
    { name: 'invoice', path: `/portal/invoices/${invoices.open.id}` },
    { name: 'invoice-paid', path: `/portal/invoices/${invoices.paid.id}` },
    { name: 'account', path: '/portal/account' },
    { name: 'not-found', path: `/portal/invoices/${invoices.other.id}`, status: 404 },
  ], { signIn: signInAs(CUSTOMER), test, prefix: 'portal-' });
  await checkPages(browser, billow.base, [
    { name: 'overview', path: '/portal' },
    { name: 'invoices', path: '/portal/invoices' },
  ], { signIn: signInAs(NOBODY), test, prefix: 'portal-new-' });
  await checkPages(browser, billow.base, [
    { name: 'overview', path: '/portal?lang=ar', rtl: true },
    { name: 'invoices', path: '/portal/invoices?lang=ar', rtl: true },
    { name: 'invoice', path: `/portal/invoices/${invoices.open.id}?lang=ar`, rtl: true },
  ], { signIn: signInAs(CUSTOMER, 'ar'), test, prefix: 'portal-ar-' });

  await test('the list filters and sorts by its address', async () => {
    const page = await browser.page({ width: NARROW });
    await signInAs(CUSTOMER)(page);
    await page.goto(`${billow.base}/portal/invoices`);
    const numbers = () => page.locator('tbody .cell-link').allTextContents();
    assert.deepEqual(await numbers(), [invoices.open.number, invoices.overdue.number, invoices.paid.number]);
    await page.getByRole('link', { name: 'Paid' }).click();
    assert.deepEqual(await numbers(), [invoices.paid.number]);
    await page.getByRole('link', { name: 'All' }).click();
    await page.getByRole('link', { name: 'Total' }).click();
    await page.getByRole('link', { name: 'Total' }).click();
    assert.deepEqual(await numbers(), [invoices.paid.number, invoices.overdue.number, invoices.open.number]);
    assert.match(page.url(), /sort=amount&order=asc/);
    await page.context().close();
  });

  await test('the overview says what is due', async () => {
    const page = await browser.page();
    await signInAs(CUSTOMER)(page);
    const text = await page.locator('main').innerText();
    for (const wanted of [euros(TOTALS[1] + TOTALS[2]), `${euros(TOTALS[1])} should have been paid already.`, '€84.00']) // 1,000 x 0.045 + 10 x 3.90
      assert.ok(text.includes(wanted), `${wanted} is missing in ${text}`);
    await page.context().close();
  });

  // Ten subscriptions of 49.00 from 2 November on: 29 of 30 days are 47.37 each, 473.70, and 19 % of that are 90.00.
  // At 18:00 on 30 November in Berlin it is 1 December in Auckland, where November is billed.
  await test('the overview follows the day of the customer and says what it leaves out', async () => {
    const crowd = { external_id: 'crowd', name: 'Crowd Ltd', email: 'pay@crowd.example', country: 'NZ', currency: 'EUR', timezone: 'Pacific/Auckland' };
    await api('POST', '/customers', { customer: crowd });
    for (let i = 0; i < 10; i++)
      await api('POST', '/subscriptions', { subscription: { external_customer_id: 'crowd', external_id: `crowd-${i}`, plan_code: 'compute', billing_time: 'calendar' } });
    await clock('2026-11-30T18:00:00+01:00');
    const page = await browser.page();
    await signInAs(crowd)(page);
    const text = await page.locator('main').innerText();
    for (const wanted of ['of the newest 8 of 10 subscriptions, before tax', 'And 2 more.', '€563.70'])
      assert.ok(text.includes(wanted), `${wanted} is missing in ${text}`);
    const months = await page.locator('section[aria-label^="Invoices by month"] tbody tr').allTextContents();
    assert.equal(months.length, 12);
    assert.match(months[11], /December 2026.*€563\.70/s);
    await page.context().close();
  });
} finally {
  await browser.close();
  await billow.stop();
}
end();
