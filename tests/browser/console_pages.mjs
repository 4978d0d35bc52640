// console_pages.mjs BILLOW [NAME...]: the operator's pages in Chromium, on a provider whose figures are
// worked out by hand below.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { Receiver, signers } from '../webhook/receiver.mjs';
import { NARROW, openBrowser } from './browser.mjs';
import { checkPages } from './pages.mjs';
import { counter } from './run_tests.mjs';
import { startBillow } from './server.mjs';

const billow = resolve(process.argv[2]);
const { test, end } = counter();
const server = await startBillow(billow, { args: ['--test-clock'] });
const browser = await openBrowser();
const { base } = server;
let receiver;
const PASSWORD = 'correct horse battery';
const HOSTILE = '"><img src=x onerror=alert(1)><b>שלום</b> 🚀 =1+1';

async function api(method, path, body) {
  const response = await fetch(`${base}/api/v1${path}`, { method, headers: { Authorization: `Bearer ${server.key}`, 'Content-Type': 'application/json' }, body: body && JSON.stringify(body) });
  const text = await response.text();
  assert.ok(response.ok, `${method} ${path}: ${response.status} ${text}`);
  return text ? JSON.parse(text) : null;
}
const clock = (now) => api('PUT', '/test_clock', { test_clock: { now, run_jobs: true } });

function command(args, input = '') {
  const { status, stderr } = spawnSync(billow, [...args, '--database', `sqlite:${join(server.folder, 'billow.db')}`], { input, cwd: server.folder, timeout: 60000, encoding: 'utf8' });
  assert.equal(status, 0, `${args.join(' ')}: ${stderr}`);
}

async function signIn(page, email = 'op@example.com') {
  await page.goto(`${base}/sign-in`);
  await page.fill('[name=email]', email);
  await page.fill('[name=password]', PASSWORD);
  await Promise.all([page.waitForNavigation(), page.click('main button[type=submit]')]);
  await page.mouse.move(0, 0);
}

// Three customers in EUR. acme: 29.00 a month and calls in tiers (10 at 2.00, the rest at 1.00 and 3.00
// flat), 14 in January: 20 + 4 + 3 = 27.00.  The hostile one: 29.00 a month.  grace: 29.00 and drafts
// for 10 days.  VAT 20 %.  On 10 March: acme's invoices of 1 February, (29 + 27) x 1.2 = 67.20, and of
// 1 March, 34.80; the hostile one's 34.80 twice; grace's of 1 February, issued on the 11th, and a draft.
async function fill() {
  await clock('2024-01-01T00:00:00Z');
  await api('POST', '/taxes', { tax: { name: 'VAT', code: 'vat', rate: '20', applied_to_organization: true } });
  await api('POST', '/billable_metrics', { billable_metric: { name: 'Calls', code: 'calls', aggregation_type: 'sum_agg', field_name: 'n' } });
  await api('POST', '/plans', { plan: { name: 'Standard', code: 'standard', interval: 'monthly', amount_cents: 2900, amount_currency: 'EUR',
    charges: [{ billable_metric_code: 'calls', charge_model: 'graduated', properties: { graduated_ranges: [
      { from_value: 0, to_value: 10, per_unit_amount: '2', flat_amount: '0' }, { from_value: 10, to_value: null, per_unit_amount: '1', flat_amount: '3' }] } }] } });
  await api('POST', '/customers', { customer: { external_id: 'acme', name: 'Acme Rockets', currency: 'EUR', email: 'bills@acme.example', tax_identification_number: 'DE 812 345', country: 'DE', city: 'Ulm' } });
  await api('POST', '/customers', { customer: { external_id: 'evil', name: HOSTILE, currency: 'EUR' } });
  await api('POST', '/customers', { customer: { external_id: 'grace', name: 'شركة الأفق', currency: 'EUR', billing_configuration: { invoice_grace_period: 10 } } });
  for (const id of ['acme', 'evil', 'grace'])
    await api('POST', '/subscriptions', { subscription: { external_customer_id: id, external_id: `${id}-1`, plan_code: 'standard', subscription_at: '2024-01-01T00:00:00Z' } });
  await clock('2024-01-20T12:00:00Z');
  for (const [day, n] of [[10, 9], [12, 5]])
    await api('POST', '/events', { event: { transaction_id: `t${day}`, external_subscription_id: 'acme-1', code: 'calls', timestamp: `2024-01-${day}T08:00:00Z`, properties: { n } } });
  await clock('2024-02-20T00:00:00Z');
  await clock('2024-03-10T00:00:00Z');
  for (const n of [1, 2])
    await api('POST', '/events', { event: { transaction_id: `u${n}`, external_subscription_id: 'nobody', code: 'calls', timestamp: '2024-03-09T00:00:00Z', properties: { n } } });
  command(['import', 'focus', new URL('../data/cost/costs-a.csv', import.meta.url).pathname]);
  command(['user', 'add', 'op@example.com', '--name', 'Olga Petrova'], PASSWORD);
  command(['user', 'add', 'looks@example.com', '--role', 'viewer'], PASSWORD);
}

// An endpoint's newest message, once its try has been noted.
async function noted(endpoint, status = 'waiting') {
  for (const end = Date.now() + 30000; Date.now() < end;) {
    const [one] = (await api('GET', `/webhooks?webhook_endpoint_id=${endpoint.id}`)).webhooks;
    if (one?.status === status && one.http_status !== null)
      return one;
  }
  throw new Error('the try was not noted');
}

const invoicesOf = async (id) => (await api('GET', `/invoices?external_customer_id=${id}`)).invoices.sort((a, b) => (a.issuing_date < b.issuing_date ? -1 : 1));
const customerId = async (id) => (await api('GET', `/customers/${id}`)).customer.id;

// What a form says at its field, and what the other fields hold.
const errorOf = (page, name) => page.textContent(`#${name}-error span`);
const submit = (page, selector) => Promise.all([page.waitForNavigation(), page.click(selector)]);
const isSafe = async (page) => assert.equal(await page.evaluate(() => document.querySelectorAll('main img').length), 0);

try {
  await fill();
  const [first, second] = await invoicesOf('acme');
  const acme = await customerId('acme');
  const evil = await customerId('evil');
  const draft = (await invoicesOf('grace')).find((invoice) => invoice.status === 'draft');
  const [mail] = (await api('GET', '/mails')).mails;
  // One that answers what could be markup, and one where nobody listens.
  receiver = await Receiver.start();
  receiver.set('/books', 500, {}, HOSTILE);
  const { webhook_endpoint: books } = await api('POST', '/webhook_endpoints', { webhook_endpoint: { webhook_url: `${receiver.url}/books`, name: HOSTILE, event_types: ['customer.created', 'customer.updated', 'invoice.created'] } });
  const { webhook_endpoint: nowhere } = await api('POST', '/webhook_endpoints', { webhook_endpoint: { webhook_url: 'http://127.0.0.1:1/', event_types: ['tax.created'] } });
  await api('PUT', `/webhook_endpoints/${nowhere.id}`, { webhook_endpoint: { enabled: false } });
  await api('POST', '/customers', { customer: { external_id: 'evil', name: HOSTILE, legal_name: 'Evil' } });
  await receiver.wait('/books', 1);
  const message = await noted(books);

  await checkPages(browser, base, [
    { name: 'home', path: '/' },
    { name: 'customers', path: '/customers' },
    { name: 'customers-none', path: '/customers?q=zzz&state=overdue' },
    { name: 'customer', path: `/customers/${acme}` },
    { name: 'customer-hostile', path: `/customers/${evil}` },
    { name: 'invoices', path: '/invoices' },
    { name: 'invoices-filtered', path: `/invoices?state=unpaid&customer=${evil}&currency=EUR&due_to=2024-03-05&sort=amount&order=asc` },
    { name: 'invoice', path: `/invoices/${first.id}` },
    { name: 'invoice-draft', path: `/invoices/${draft.id}` },
    { name: 'usages', path: '/usage' },
    { name: 'usage', path: '/usage?subscription=acme-1&from=2024-01-01&to=2024-01-31' },
    { name: 'usage-wrong-days', path: '/usage?subscription=acme-1&from=2024-02-01&to=2024-01-31' },
    { name: 'events', path: '/usage/events?subscription=acme-1&metric=calls&from=2024-01-01&to=2024-01-31' },
    { name: 'exceptions', path: '/exceptions' },
    { name: 'mails', path: '/mails' },
    { name: 'mail', path: `/mails/${mail.id}` },
    { name: 'endpoints', path: '/endpoints' },
    { name: 'endpoints-failed', path: '/endpoints?state=failed' },
    { name: 'endpoint', path: `/endpoints/${books.id}` },
    { name: 'endpoint-off', path: `/endpoints/${nowhere.id}` },
    { name: 'message', path: `/messages/${message.id}` },
    { name: 'message-ar', path: `/messages/${message.id}?lang=ar`, rtl: true },
    { name: 'endpoints-de', path: '/endpoints?lang=de' },
    { name: 'endpoints-ja', path: '/endpoints?lang=ja' },
    { name: 'search', path: '/search?q=e' },
    { name: 'search-none', path: `/search?q=${encodeURIComponent(HOSTILE)}x` },
    { name: 'account', path: '/account' },
    { name: 'no-invoice', path: '/invoices/01900000-0000-7000-8000-000000000000', status: 404 },
    { name: 'home-ar', path: '/?lang=ar', rtl: true },
    { name: 'invoice-ar', path: `/invoices/${first.id}?lang=ar`, rtl: true },
    { name: 'customer-ar', path: `/customers/${acme}?lang=ar`, rtl: true },
    { name: 'home-de', path: '/?lang=de' },
    { name: 'invoice-de', path: `/invoices/${first.id}?lang=de` },
    { name: 'home-ja', path: '/?lang=ja' },
    { name: 'invoice-ja', path: `/invoices/${first.id}?lang=ja` },
    { name: 'home-en', path: '/?lang=en' },
  ], { signIn, test, prefix: 'console-' });
  await checkPages(browser, base, [
    { name: 'sign-in', path: '/sign-in' },
    { name: 'about', path: '/about' },
    { name: 'portal-sign-in', path: '/portal/sign-in' },
    { name: 'no-page', path: '/no/such/page', status: 404 },
    { name: 'portal-sign-in-ar', path: '/portal/sign-in?lang=ar', rtl: true },
  ], { test, prefix: 'console-' });

  const page = await browser.page();
  await signIn(page);
  const main = () => page.innerText('main');

  await test('the menu of the user: account, what this is and whose work is in it, signing out', async () => {
    const other = await browser.page();
    await signIn(other);
    await other.click('.topbar details.drop:last-of-type > summary');
    await other.click('.topbar >> text=My account');
    assert.equal(new URL(other.url()).pathname, '/account');
    await other.click('.topbar details.drop:last-of-type > summary');
    await other.click('.topbar >> text=About this software');
    await other.click('text=Their licences');
    assert.match(await other.textContent('body'), /@tabler\/core[\s\S]*MIT[\s\S]*OFL/);
    await other.goto(`${base}/account`);
    await other.click('.topbar details.drop:last-of-type > summary');
    await submit(other, '.topbar >> text=Sign out');
    assert.equal(new URL(other.url()).pathname, '/sign-in');
    await other.context().close();
  });

  await test('a refused sign-in keeps the address and not the password', async () => {
    const other = await browser.page({ expectStatus: [422] });
    await other.goto(`${base}/sign-in`);
    await other.fill('[name=email]', 'op@example.com');
    await other.fill('[name=password]', 'not it at all');
    await submit(other, 'main button[type=submit]');
    assert.equal(await other.inputValue('[name=email]'), 'op@example.com');
    assert.equal(await other.inputValue('[name=password]'), '');
    await other.shoot('console-sign-in-refused');
    await other.verify('refused');
    await other.context().close();
  });

  await test('home: figures by hand', async () => {
    await page.goto(base);
    const text = await main();
    assert.match(text, /MRR\s*€87\.00/); // 3 x 29.00
    assert.match(text, /Outstanding\s*€206\.40\s*in 5 invoices/i); // 67.20 + 4 x 34.80
    assert.match(text, /1–30 days\s*50\.6 %\s*€104\.40/); // 3 x 34.80: two due on 1 March, the one of 10 days' grace on 11 February
    assert.match(text, /31–60 days\s*49\.4 %\s*€102\.00/); // on 1 February: 67.20 + 34.80
    assert.match(text, /Not due\s*0 %\s*€0\.00/);
    assert.match(text, /61–90 days\s*0 %\s*€0\.00/);
  });

  await test('search: what is meant exactly is gone to', async () => {
    for (const [words, path] of [['acme', `/customers/${acme}`], ['bills@ACME.example', `/customers/${acme}`], ['de 812 345', `/customers/${acme}`], [first.number, `/invoices/${first.id}`], ['acme-1', `/customers/${acme}`]]) {
      await page.goto(`${base}/customers`);
      await page.fill('.topbar [name=q]', words);
      await Promise.all([page.waitForNavigation(), page.press('.topbar [name=q]', 'Enter')]);
      assert.equal(new URL(page.url()).pathname, path, words);
    }
    await page.goto(`${base}/search?q=${encodeURIComponent('<b>no such</b>')}`);
    assert.match(await main(), /Nothing has “<b>no such<\/b>” in it/);
  });

  await test('invoice: each line opens its calculation', async () => {
    await page.goto(`${base}/invoices/${first.id}`);
    for (const details of await page.$$('details.calc'))
      await details.evaluate((element) => { element.open = true; });
    const text = await main();
    assert.match(text, /tier 1: 10 units at 2 plus 0\s*20/);
    assert.match(text, /tier 2: 4 units at 1 plus 3\s*7/);
    assert.match(text, /rounded once, half away from zero\s*€27\.00/);
    assert.match(text, /the whole period\s*29/);
    assert.match(text, /VAT 20 % on €56\.00\s*€11\.20/);
    assert.match(text, /Total\s*€67\.20/);
    await page.shoot('console-invoice-opened');
    await page.verify('opened');
    const pdf = await page.context().request.get(`${base}/invoices/${first.id}/pdf`);
    assert.equal(pdf.headers()['content-type'], 'application/pdf');
    assert.match((await pdf.body()).subarray(0, 5).toString(), /%PDF-/);
  });

  await test('what happened and how it was calculated is told in the language of the reader', async () => {
    const calculation = async (lang) => {
      await page.goto(`${base}/invoices/${first.id}?lang=${lang}`);
      for (const details of await page.$$('details.calc'))
        await details.evaluate((element) => { element.open = true; });
      await page.shoot(`console-invoice-opened-${lang}`);
      return main();
    };
    for (const [lang, step, whole, activity, plural] of [
      ['de', /Stufe 2: 4 Einheiten zu 1 plus 3\s*7/, /der ganze Zeitraum/, /Rechnung \S+ wurde endgültig/, /2 Ereignisse/],
      ['ar', /الشريحة ٢: ٤ وحدات بسعر ١ زائد ٣/, /الفترة كاملة/, /أصبحت الفاتورة \S+ نهائية/, /حدثان/],
      ['ja', /第 2 段階: 4 単位、単価 1、加算 3/, /期間全体/, /請求書 \S+ が確定しました/, /2 件のイベント/],
    ]) {
      const text = await calculation(lang);
      for (const wanted of [step, whole, activity, plural])
        assert.match(text, wanted);
      assert.doesNotMatch(text, /units|rounded once|Tax of the line|was finalized/);
      await page.goto(`${base}/?lang=${lang}`);
      assert.doesNotMatch(await main(), /\bwas\b|\bwere\b/);
    }
    await page.goto(`${base}/?lang=en`);
  });

  await test('each object is shown as the JSON that the API answers', async () => {
    for (const [from, path, api_path] of [
      [`/customers/${acme}`, `/customers/${acme}/json`, '/customers/acme'],
      [`/invoices/${first.id}`, `/invoices/${first.id}/json`, `/invoices/${first.id}`],
      ['/usage?subscription=acme-1', '/usage/json?subscription=acme-1', '/subscriptions/acme-1'],
      [`/mails/${mail.id}`, `/mails/${mail.id}/json`, `/mails/${mail.id}`],
      [`/endpoints/${books.id}`, `/endpoints/${books.id}/json`, `/webhook_endpoints/${books.id}`],
      [`/messages/${message.id}`, `/messages/${message.id}/json`, `/webhooks/${message.id}`],
    ]) {
      await page.goto(base + from);
      assert.equal(await page.getAttribute('main a:has-text("View as JSON")', 'href'), path);
      const answer = await page.context().request.get(base + path);
      assert.equal(answer.status(), 200, path);
      assert.equal(answer.headers()['content-type'], 'application/json');
      assert.match(answer.headers()['content-security-policy'], /default-src 'none'/);
      assert.equal(answer.headers()['x-content-type-options'], 'nosniff');
      assert.deepEqual(await answer.json(), await api('GET', api_path), path);
      page.expectStatus = [404]; // Chromium looks for an icon, which JSON can't name
      await Promise.all([page.waitForNavigation(), page.click('main a:has-text("View as JSON")')]);
      assert.deepEqual(page.complaints, []);
      await page.shoot(`console-json-${api_path.split('/')[1]}`);
    }
    page.expectStatus = [];
    const none = '01900000-0000-7000-8000-000000000000';
    for (const path of [`/customers/${none}/json`, `/invoices/${none}/json`, `/payments/${none}/json`, `/mails/${none}/json`, '/invoices/x/json', '/usage/json', '/usage/json?subscription=none'])
      assert.equal((await page.context().request.get(base + path)).status(), 404, path);
    const looks = await browser.page();
    const before = await looks.context().request.get(`${base}/invoices/${first.id}/json`, { maxRedirects: 0 });
    assert.equal(before.status(), 303); // nobody is signed in
    await signIn(looks, 'looks@example.com');
    assert.equal((await looks.context().request.get(`${base}/invoices/${first.id}/json`)).status(), 200);
    await looks.context().close();
  });

  await test('a payment: bad input is told at its field, the rest is kept', async () => {
    const url = `${base}/invoices/${first.id}`;
    page.expectStatus = [422];
    for (const [amount, day, error, field] of [
      ['', '2024-03-09', /./, 'amount'],
      ['12,5x', '2024-03-09', /such as 34\.80/, 'amount'],
      ['0', '2024-03-09', /More than 0/, 'amount'],
      ['-5', '2024-03-09', /More than 0/, 'amount'],
      ['1.005', '2024-03-09', /such as 34\.80/, 'amount'],
      ['67.21', '2024-03-09', /No more than what is due/, 'amount'],
      ['99999999999999999999999999', '2024-03-09', /./, 'amount'],
      [HOSTILE.slice(0, 30), '2024-03-09', /such as 34\.80/, 'amount'],
      ['67.20', '2024-03-11', /Not in the future/, 'paid_on'],
    ]) {
      await page.goto(url);
      await page.fill('#amount', amount);
      await page.fill('#paid_on', day);
      await page.fill('#reference', HOSTILE);
      await submit(page, 'form[action$="/payments"] button');
      assert.match(await errorOf(page, field), error, amount);
      assert.equal(await page.inputValue('#amount'), amount);
      assert.equal(await page.inputValue('#paid_on'), day);
      assert.equal(await page.inputValue('#reference'), HOSTILE);
      await isSafe(page);
    }
    await page.verify('refused');
    await page.shoot('console-payment-refused');
    assert.equal((await api('GET', `/payments?invoice_id=${first.id}`)).payments.length, 0);
    page.expectStatus = [];
  });

  await test('a payment is written down once', async () => {
    await page.goto(`${base}/invoices/${first.id}`);
    await page.fill('#amount', '60.00');
    await page.fill('#reference', HOSTILE);
    const form = await page.$eval('form[action$="/payments"]', (element) => new URLSearchParams(new FormData(element)).toString());
    await submit(page, 'form[action$="/payments"] button');
    assert.match(await main(), /The payment is written down/);
    await isSafe(page);
    const again = await page.context().request.post(`${base}/invoices/${first.id}/payments`, { headers: { 'Content-Type': 'application/x-www-form-urlencoded', Origin: base }, data: form, maxRedirects: 0 });
    assert.ok([303, 422].includes(again.status()), `sent again: ${again.status()}`); // more is paid, and less is due
    const { payments } = await api('GET', `/payments?invoice_id=${first.id}`);
    assert.deepEqual(payments.map((payment) => payment.amount_cents), [6000]);
    const shown = await page.context().request.get(`${base}/payments/${payments[0].id}/json`);
    assert.deepEqual(await shown.json(), await api('GET', `/payments/${payments[0].id}`));
    await page.goto(`${base}/invoices/${first.id}`);
    assert.equal(await page.inputValue('#amount'), '7.20');
    await submit(page, 'form[action$="/payments"] button');
    assert.equal((await api('GET', `/invoices/${first.id}`)).invoice.payment_status, 'succeeded');
    assert.equal(await page.$('form[action$="/payments"]'), null);
  });

  await test('void: only with its number', async () => {
    await page.goto(`${base}/invoices/${second.id}`);
    page.expectStatus = [422];
    await page.click('details.more summary');
    await page.fill('#number', 'BIL-000');
    await submit(page, 'form[action$="/void"] button');
    assert.match(await errorOf(page, 'number'), /not the number/);
    assert.equal((await api('GET', `/invoices/${second.id}`)).invoice.status, 'finalized');
    page.expectStatus = [];
    await page.fill('#number', second.number);
    await submit(page, 'form[action$="/void"] button');
    assert.match(await main(), /The invoice is void/);
    assert.equal((await api('GET', `/invoices/${second.id}`)).invoice.status, 'voided');
  });

  await test('a draft: computed again, and made final', async () => {
    await page.goto(`${base}/invoices/${draft.id}`);
    await submit(page, 'form[action$="/refresh"] button');
    assert.match(await main(), /computed again/);
    await submit(page, 'form[action$="/finalize"] button');
    assert.match(await main(), /is final and has its number/);
    assert.equal((await api('GET', `/invoices/${draft.id}`)).invoice.status, 'finalized');
  });

  await test('exceptions: dismissed, assigned', async () => {
    await page.goto(`${base}/exceptions`);
    assert.match(await main(), /nobody\s*2/);
    await submit(page, 'form[action$="/dismiss"] button');
    assert.match(await main(), /2 events were dismissed/);
    assert.equal((await api('GET', '/unmatched_events')).unmatched_events.length, 0);
    page.expectStatus = [422];
    await page.click('main td a[href*="account=a1"]');
    assert.equal(await page.inputValue('#provider_name'), 'Acme');
    assert.equal(await page.inputValue('#sub_account_id'), 'a1');
    await page.fill('#external_customer_id', HOSTILE);
    await submit(page, 'form[action$="/assign"] button');
    assert.match(await errorOf(page, 'external_customer_id'), /No customer has this id/);
    assert.equal(await page.inputValue('#sub_account_id'), 'a1');
    assert.equal(await page.inputValue('#external_customer_id'), HOSTILE);
    await page.verify('refused');
    page.expectStatus = [];
    await page.fill('#external_customer_id', 'evil');
    await submit(page, 'form[action$="/assign"] button');
    assert.match(await main(), /The account is assigned/);
    assert.deepEqual((await api('GET', '/vendor_accounts')).vendor_accounts.map((account) => account.external_customer_id), ['evil']);
  });

  await test('webhooks: an endpoint is added, tried, given a new secret, and removed', async () => {
    page.expectStatus = [422];
    await page.goto(`${base}/endpoints`);
    await page.fill('#webhook_url', 'http://10.0.0.1/');
    await page.fill('#event_types', 'customer.created\n');
    await submit(page, 'form[action="/endpoints"] button');
    assert.match(await errorOf(page, 'webhook_url'), /https:\/\/ and a public host/);
    await page.fill('#webhook_url', `${receiver.url}/books`);
    await page.fill('#event_types', 'customer.created customer.exploded');
    await submit(page, 'form[action="/endpoints"] button');
    assert.match(await errorOf(page, 'event_types'), /no type that there is/);
    await page.fill('#event_types', 'customer.created\ncustomer.deleted');
    await submit(page, 'form[action="/endpoints"] button');
    assert.match(await errorOf(page, 'webhook_url'), /taken already/);
    await page.verify('refused');
    page.expectStatus = [];
    await page.fill('#webhook_url', `${receiver.url}/new`);
    await page.fill('#name', 'Sales');
    await submit(page, 'form[action="/endpoints"] button');
    await page.verify('secret');
    const secret = await page.textContent('.alert code');
    assert.match(secret, /^whsec_/);
    assert.match(await main(), /customer\.created, customer\.deleted/);
    const { webhook_endpoints: all } = await api('GET', '/webhook_endpoints');
    const sales = all.find((one) => one.name === 'Sales');
    await page.goto(`${base}/endpoints/${sales.id}`);
    assert.equal(await page.$('.alert code'), null); // shown once
    await submit(page, 'form[action$="/test"] button');
    assert.match(await main(), /A test message is on its way/);
    const [sent] = await receiver.wait('/new', 1);
    assert.deepEqual(signers(sent, [secret]), [secret]);
    await noted(sales, 'succeeded');
    await page.reload();
    assert.match(await main(), /Delivered.*webhook_endpoint\.test.*thanks/s);
    await submit(page, 'form[action$="/resend"] button');
    const [, again] = await receiver.wait('/new', 2);
    assert.deepEqual([again.body, again.headers['webhook-id']], [sent.body, sent.headers['webhook-id']]);
    await page.goto(`${base}/endpoints/${sales.id}`);
    await submit(page, 'form[action$="/rotate"] button');
    assert.notEqual(await page.textContent('.alert code'), secret);
    await submit(page, 'form[action$="/disable"] button');
    assert.match(await main(), /Disabled/);
    await submit(page, 'form[action$="/test"] button');
    assert.match(await main(), /Nothing is sent there/);
    await submit(page, 'form[action$="/enable"] button');
    assert.match(await main(), /Enabled/);
    await submit(page, 'form[action$="/remove"] button');
    assert.match(await main(), /its messages are gone/);
    assert.equal((await api('GET', '/webhook_endpoints')).webhook_endpoints.length, all.length - 1);
    await page.goto(`${base}/messages/${message.id}`);
    await isSafe(page);
  });

  await test('CSV holds exactly what is filtered, and no formula runs', async () => {
    const get = async (path) => (await (await page.context().request.get(base + path)).text()).trim().split('\r\n');
    const all = await get('/invoices?format=csv');
    const { invoices } = await api('GET', '/invoices');
    assert.equal(all.length - 1, invoices.length);
    const paid = await get('/invoices?state=paid&format=csv');
    assert.equal(paid.length - 1, 1);
    assert.match(paid[1], new RegExp(`^${first.number},.*,paid,.*,56\\.00,11\\.20,67\\.20,67\\.20,0\\.00$`));
    await api('POST', '/customers', { customer: { external_id: 'evil', name: '=1+1' } });
    const customers = await get('/customers?q=evil&format=csv');
    assert.equal(customers.length, 2);
    assert.match(customers[1], /^evil,'=1\+1,/);
  });

  await test('filters, sort and pages stand in the address', async () => {
    await page.goto(`${base}/invoices?state=paid`);
    assert.equal(await page.getAttribute('.chip[aria-current]', 'href'), '/invoices?state=paid');
    await page.click('th a:has-text("Total")');
    await page.waitForURL(/sort=amount/);
    assert.match(page.url(), /state=paid/);
    assert.equal(await page.getAttribute('th:has-text("Total")', 'aria-sort'), 'descending');
    await page.fill('main [name=q]', 'no such');
    await Promise.all([page.waitForNavigation(), page.press('main [name=q]', 'Enter')]);
    assert.match(page.url(), /state=paid/);
    assert.match(await main(), /No invoice is like that/);
    await page.goto(`${base}/invoices?state=odd&sort=none&page=99999999999&issued_from=2024-13-77`);
    assert.match(await main(), /\d invoices/);
    page.expectStatus = [400];
    assert.equal((await page.goto(`${base}/invoices?state=paid&sort=%00`)).status(), 400);
    page.expectStatus = [];
  });

  await test('a forged token changes nothing', async () => {
    const { invoice } = await api('GET', `/invoices/${draft.id}`);
    const answer = await page.context().request.post(`${base}/invoices/${draft.id}/void`, { form: { csrf: 'forged', number: invoice.number }, headers: { Origin: base } });
    assert.equal(answer.status(), 403);
    assert.equal((await api('GET', `/invoices/${draft.id}`)).invoice.status, invoice.status);
  });

  await test('who may only look is offered nothing to do, and refused', async () => {
    const viewer = await browser.page({ width: NARROW });
    await signIn(viewer, 'looks@example.com');
    await viewer.goto(`${base}/invoices/${draft.id}`);
    assert.equal(await viewer.$('main form[method=post]'), null);
    const csrf = await viewer.$eval('[name=csrf]', (element) => element.value);
    const { invoice } = await api('GET', `/invoices/${draft.id}`);
    const answer = await viewer.context().request.post(`${base}/invoices/${draft.id}/void`, { form: { csrf, number: invoice.number }, headers: { Origin: base } });
    assert.equal(answer.status(), 403);
    await viewer.context().close();
  });

  await test('a customer with many subscriptions says how many are left out', async () => {
    await api('POST', '/customers', { customer: { external_id: 'crowd', name: 'Crowd', currency: 'EUR' } });
    for (let i = 0; i < 21; i++)
      await api('POST', '/subscriptions', { subscription: { external_customer_id: 'crowd', external_id: `crowd-${i}`, plan_code: 'standard' } });
    await page.goto(`${base}/customers/${await customerId('crowd')}`);
    assert.match(await main(), /of the newest 20 of 21 subscriptions/);
    assert.doesNotMatch(await main(), /crowd-0\b/);
    await Promise.all([page.waitForNavigation(), page.click('section:has(#h-subscriptions) .card-header a')]);
    assert.match(await main(), /21 subscriptions|of 21/);
    await page.goto(`${base}/customers/${await customerId('acme')}`);
    assert.match(await main(), /usage of the running periods/);
  });
} catch (error) {
  await test('set up', () => { throw error; });
} finally {
  receiver?.stop();
  await browser.close();
  await server.stop();
}
end();
