// gateway_pages.mjs BILLOW [NAME...]: the sandbox gateway's hosted pages in Chromium.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { NARROW, openBrowser } from './browser.mjs';
import { checkPages } from './pages.mjs';
import { counter } from './run_tests.mjs';
import { Sandbox } from '../payment/sandbox.mjs';

const HOSTILE = '"><img src=x onerror=alert(1)><b>שלום</b> 🚀';
const { test, end } = counter();
// Takes webhooks, and is where payers come back to.
const shop = createServer((request, response) => response.end('<!doctype html><html lang="en"><title>Shop</title><main><h1>Back</h1></main></html>'));
await new Promise((done) => { shop.listen(0, '127.0.0.1', done); });
const back = `http://127.0.0.1:${shop.address().port}/back?payment=1`;
const gateway = await Sandbox.start(process.argv[2], { host: 'localhost', args: ['--webhook-url', `http://127.0.0.1:${shop.address().port}/webhook`] });
const browser = await openBrowser();

let made = 0;
// The path of a new checkout's page.
async function checkout(more = {}) {
  made++;
  const answer = await gateway.ask('POST', '/v1/checkouts', { reference: `test-${made}`, amount: 431038, currency: 'EUR', description: 'Invoice BIL-2026-004839', return_url: back, locale: 'en', ...more },
    { 'Idempotency-Key': `test-${made}` });
  return new URL((answer.checkout ?? answer).url).pathname;
}

async function fill(page, { number = '4242424242424242', expiry = '12/34', cvc = '123', name = 'Lena Orlova' } = {}) {
  for (const [field, value] of Object.entries({ number, expiry, cvc, name }))
    await page.fill(`[name=${field}]`, value);
}

const pay = (page) => page.click('button[value=pay]');

try {
  const asked = await checkout();
  const canceled = await checkout();
  const page = await browser.page({ width: NARROW });
  await page.goto(gateway.address + asked);
  await fill(page, { number: '4000002760003184' });
  await pay(page);
  await page.waitForURL('**/approve');
  await page.goto(gateway.address + canceled);
  await page.click('button[value=cancel]');
  await page.waitForURL(back);

  await checkPages(browser, gateway.address, [
    { name: 'card', path: await checkout() },
    { name: 'hostile', path: await checkout({ description: `Invoice ${HOSTILE}` }) },
    { name: 'yen', path: await checkout({ amount: 9900000, currency: 'JPY' }) },
    { name: 'approve', path: `${asked}/approve` },
    { name: 'canceled', path: canceled },
    { name: 'no-such', path: '/pay/00000000000000000000000000000000', status: 404 },
  ], { test, prefix: 'gateway-', isOurs: false });

  await test('in four languages: the shop says which, else the browser', async () => {
    page.expectStatus = [422, 404];
    for (const [lang, dir, label, wrong, list] of [
      ['en', 'ltr', 'Card number', 'This is not a card number.', 'insufficient funds'],
      ['de', 'ltr', 'Kartennummer', 'Das ist keine Kartennummer.', 'zu wenig Guthaben'],
      ['ar', 'rtl', 'رقم البطاقة', 'هذا ليس رقم بطاقة.', 'الرصيد غير كافٍ'],
      ['ja', 'ltr', 'カード番号', 'カード番号が正しくありません。', '残高不足'],
    ]) {
      const path = await checkout({ locale: lang });
      for (const theme of ['light', 'dark']) {
        await page.emulateMedia({ colorScheme: theme });
        await page.goto(gateway.address + path);
        assert.deepEqual(await page.evaluate(() => [document.documentElement.lang, document.documentElement.dir]), [lang, dir]);
        assert.equal(await page.textContent('label[for=number]'), label);
        await fill(page, { number: '1234' });
        await pay(page);
        assert.equal(await page.textContent('#number-wrong'), wrong);
        await page.click('summary');
        assert.ok((await page.innerText('main')).includes(list));
        await page.shoot(`gateway-refused-${lang}-390-${theme}`);
        await page.verify(`${lang} ${theme}`);
      }
    }
    await page.emulateMedia({ colorScheme: 'light' });
    for (const [locale, accept, wanted] of [[undefined, 'ja,en;q=0.5', 'ja'], ['xx', 'de-CH, en', 'de-CH'], ['en-GB', 'de', 'en-GB'], ['<b>', '"><script>', 'en'], ['ar', 'de', 'ar'], [undefined, '', 'en']]) {
      const answer = await fetch(gateway.address + await checkout({ locale }), { headers: { 'Accept-Language': accept } });
      assert.ok((await answer.text()).includes(`<html lang="${wanted}" `), `${locale} ${accept}`);
    }
    page.expectStatus = [];
  });

  await test('wrong cards are told at their field, the rest is kept, the number is not', async () => {
    page.expectStatus = [422];
    await page.goto(gateway.address + await checkout());
    for (const [card, field, words] of [
      [{ number: '4242424242424241' }, 'number', /not a card number/],
      [{ number: '5555555555554444' }, 'number', /test cards only/],
      [{ number: HOSTILE.slice(0, 30) }, 'number', /not a card number/],
      [{ expiry: '13/34' }, 'expiry', /month and year/],
      [{ expiry: '🚀' }, 'expiry', /month and year/],
      [{ cvc: 'abc' }, 'cvc', /3 or 4 digits/],
      [{ name: '   ' }, 'name', /name on the card/],
    ]) {
      await fill(page, { name: HOSTILE, ...card });
      await pay(page);
      assert.match(await page.textContent(`#${field}-wrong`), words);
      assert.equal(await page.getAttribute(`[name=${field}]`, 'aria-invalid'), 'true');
      assert.equal(await page.inputValue('[name=name]'), card.name === undefined ? HOSTILE : '');
      assert.equal(await page.inputValue('[name=expiry]'), card.expiry ?? '12/34');
      assert.equal(await page.inputValue('[name=number]') + await page.inputValue('[name=cvc]'), '');
      assert.equal(await page.locator('main img').count(), 0);
    }
    await page.shoot('gateway-refused-390-light');
    await page.verify('refused');
    page.expectStatus = [];
  });

  await test('sums as they are read', async () => {
    for (const [more, words] of [[{}, '€4,310.38'], [{ amount: 9900000, currency: 'JPY' }, '¥9,900,000'], [{ amount: 5 }, '€0.05'], [{ locale: 'de' }, '4.310,38 €'], [{ locale: 'ja', currency: 'JPY' }, '￥431,038']]) {
      await page.goto(gateway.address + await checkout(more));
      assert.equal((await page.textContent('.sum')).replace('\u00a0', ' '), words);
    }
  });

  await test('paid once, however often the page is sent', async () => {
    const path = await checkout();
    await page.goto(gateway.address + path);
    await fill(page);
    await pay(page);
    await page.waitForURL(back);
    await page.goto(gateway.address + path);
    assert.match(await page.innerText('main'), /Paid\./);
    await page.shoot('gateway-paid-390-light');
    await page.verify('paid');
    const again = await page.context().request.post(gateway.address + path, { form: { do: 'pay', number: '4242424242424242', expiry: '12/34', cvc: '123', name: 'x' }, maxRedirects: 0 });
    assert.equal(again.status(), 303);
    assert.equal((await gateway.ask('GET', '/v1/charges')).charges.filter((charge) => charge.reference === `test-${made}`).length, 1);
  });
} catch (error) {
  await test('set up', () => { throw error; });
} finally {
  await browser.close();
  await gateway.stop();
  shop.closeAllConnections();
  shop.close();
}
end();
