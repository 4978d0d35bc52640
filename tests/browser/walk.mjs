// walk.mjs BILLOW [NAME...]: a customer with a browser, from the link in the mail to the receipt.
//
// Billow is on 127.0.0.1 and the gateway on localhost, so that what crosses sites is real.  Each test
// pays an invoice of its own and ends with the same questions: is it paid once, everywhere.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { NARROW, WIDE, openBrowser } from './browser.mjs';
import { CARDS, PayWorld } from './pay_world.mjs';
import { CUSTOMER, LAST_LINES, OTHER, apiOf, euros, makeWorld } from './portal_world.mjs';
import { counter } from './run_tests.mjs';

const PASSWORD = 'correct horse battery';
const { test, end } = counter();
const world = await PayWorld.open(process.argv[2]);
const { base, key } = world.billow;
const browser = await openBrowser();
const api = apiOf(base, key);
const { clock, invoices } = await makeWorld(api);
execFileSync(world.program, ['user', 'add', 'op@example.com', '--database', `sqlite:${join(world.billow.folder, 'billow.db')}`], { input: PASSWORD, cwd: world.billow.folder, timeout: 60000 });
const ofOther = (await api('GET', `/invoices?external_customer_id=${OTHER.external_id}`)).invoices.filter((one) => one.status === 'finalized');

// ---- steps ----

// Asks for a link at the portal and opens the one in the mail.
async function signIn(page, customer) {
  await page.goto(`${base}/portal/sign-in`);
  await page.getByLabel('Email').fill(customer.email);
  await page.getByRole('button', { name: 'Send me a link' }).click();
  await page.getByText('a link is on its way').waitFor();
  const { plain } = await world.mail(customer.email, /\/portal\/link\//);
  await page.goto(/http:\S+\/portal\/link\/\S+/.exec(plain)[0]);
  await page.getByRole('button', { name: 'Open the portal' }).click();
  await page.waitForURL('**/portal');
}

// By a link that an operator makes: only so many mails go to one address.
async function enter(page, customer) {
  const { customer: { portal_url: url } } = await api('GET', `/customers/${customer.external_id}/portal_url`);
  await page.goto(url);
  await page.getByRole('button', { name: 'Open the portal' }).click();
  await page.waitForURL('**/portal');
}

// From the invoice's page to the gateway's.
async function startPaying(page, invoice) {
  await page.goto(`${base}/portal/invoices/${invoice.id}`);
  await page.getByRole('button', { name: /^Pay / }).click();
  await page.waitForURL(`${world.gatewayUrl}/pay/**`);
}

async function enterCard(page, number, wait = true) {
  await page.getByLabel('Card number').fill(number);
  await page.getByLabel('Expiry (MM/YY)').fill('12/34');
  await page.getByLabel('Security code').fill('123');
  await page.getByLabel('Name on card').fill('Ada Lovelace');
  await page.getByRole('button', { name: 'Pay', exact: true }).click({ noWaitAfter: !wait });
}

// What the console shows while nothing was paid: each try with its reason, none of them as money.
async function staffSees(invoice) {
  const { payments } = await api('GET', `/payments?invoice_id=${invoice.id}&per_page=100`);
  const failed = payments.filter((one) => one.status === 'failed').length;
  assert.ok(failed >= 8 && payments.length === failed + 1);
  for (const [width, dark] of [[WIDE, false], [NARROW, true]]) {
    const page = await browser.page({ width, dark });
    await page.goto(`${base}/sign-in`);
    await page.fill('[name=email]', 'op@example.com');
    await page.fill('[name=password]', PASSWORD);
    await Promise.all([page.waitForNavigation(), page.click('main button[type=submit]')]);
    for (const [name, path] of [['invoice', `/invoices/${invoice.id}`], ['customer', (await api('GET', `/customers/${CUSTOMER.external_id}`)).customer.id]]) {
      await page.goto(base + (path.startsWith('/') ? path : `/customers/${path}`));
      const shown = page.locator('section[aria-labelledby=h-payments]');
      const text = await shown.innerText();
      const rows = name === 'invoice' ? payments.length : await shown.locator('tbody tr').count(); // a customer's newest
      assert.ok(rows >= 5);
      for (const words of name === 'customer' ? ['The payment was canceled.', 'Nothing was paid yet: the page to pay was opened.'] : ['There is not enough money on the card.', 'The card has expired.', 'The card was reported stolen.', "The payment was not approved by the card's owner.",
        'The payment was canceled.', 'Nothing was paid yet: the page to pay was opened.'])
        assert.ok(text.includes(words), `${name}: ${words}`);
      assert.equal(await shown.getByText('Not paid', { exact: true }).count(), rows - 1);
      assert.equal(await shown.getByText('Begun', { exact: true }).count(), 1);
      assert.equal(await shown.locator('.num.unpaid').count(), rows);
      if (name === 'invoice') {
        const totals = await page.locator('.totals').innerText();
        assert.doesNotMatch(totals, /Paid|Amount due/); // nothing is, and what is due is the total
        assert.equal(await page.inputValue('#amount'), (invoice.total_amount_cents / 100).toFixed(2));
      }
      await page.shoot(`console-${name}-not-paid-${width}-${dark ? 'dark' : 'light'}`);
      await page.verify(`${name} not paid`);
    }
    await page.context().close();
  }
}

const outcome = (page, words) => page.getByRole('heading', { level: 1, name: words }).waitFor();
const THANKS = 'Thank you, your payment has arrived';

// Once and everywhere: invoice, payment, gateway, receipt with its PDF.
async function isPaid(invoice, customer) {
  await world.flush();
  const { invoice: now } = await api('GET', `/invoices/${invoice.id}`);
  const { payments } = await api('GET', `/payments?invoice_id=${invoice.id}`);
  const good = payments.filter((one) => one.status === 'succeeded');
  const charges = await world.charges(invoice.id);
  assert.deepEqual([now.payment_status, now.total_paid_amount_cents, now.payment_overdue], ['succeeded', invoice.total_amount_cents, false], 'the invoice');
  assert.deepEqual([good.length, good[0]?.amount_cents, charges.length, charges[0]?.amount], [1, invoice.total_amount_cents, 1, invoice.total_amount_cents], 'payments and charges');
  assert.match(good[0].receipt_number, /^BIL-.*R-\d+$/);
  const receipt = await world.mail(customer.email, new RegExp(`^Payment received[^]*${invoice.number}`));
  assert.ok(receipt.plain.includes(euros(invoice.total_amount_cents)), receipt.plain);
  return payments;
}

// ---- the walk ----

await test('from the mail to the receipt, 1440', async () => {
  const page = await browser.page();
  await signIn(page, CUSTOMER);
  await page.getByRole('link', { name: 'Invoices', exact: true }).click();
  await page.getByRole('link', { name: invoices.open.number, exact: true }).click();
  await page.getByRole('heading', { level: 1, name: invoices.open.number }).waitFor();
  // 10,000 GB at 0.045 are 450, 3,480 at 0.0348 are 121.104: 571.10.
  await page.getByText('How this was calculated: Egress (2 tiers)').click();
  await page.getByText('3,480 units at 0.0348').waitFor();
  assert.ok((await page.locator('main').innerText()).includes(euros(LAST_LINES[1])));
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'PDF' }).click()]);
  assert.equal(download.suggestedFilename(), `invoice-${invoices.open.number}.pdf`);
  assert.equal(readFileSync(await download.path()).subarray(0, 5).toString(), '%PDF-');
  await page.verify();
  await page.getByRole('button', { name: `Pay ${euros(invoices.open.total_amount_cents)}` }).click();
  await page.waitForURL(`${world.gatewayUrl}/pay/**`);
  await enterCard(page, CARDS.good);
  await page.waitForURL(`${base}/portal/payments/**`);
  await outcome(page, THANKS);
  await page.shoot('portal-payment-paid-1440-light');
  await page.verify();
  const [receipt] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Receipt' }).click()]);
  assert.match(receipt.suggestedFilename(), /^receipt-BIL-.*\.pdf$/);
  assert.equal(readFileSync(await receipt.path()).subarray(0, 5).toString(), '%PDF-');
  await page.getByRole('link', { name: 'To the invoice' }).click();
  await page.getByText('Payment of', { exact: false }).waitFor();
  assert.equal(await page.getByRole('button', { name: /^Pay/ }).count(), 0);
  await page.shoot('portal-invoice-after-1440-light');
  await page.verify();
  await isPaid(invoices.open, CUSTOMER);
  await page.context().close();
});

await test('declined for each reason, then paid; webhooks before the redirect, and thrice; 390, dark', async () => {
  const page = await browser.page({ width: NARROW, dark: true });
  await signIn(page, CUSTOMER);
  await page.getByRole('link', { name: 'See what is overdue' }).click();
  await page.getByRole('link', { name: invoices.overdue.number, exact: true }).click();
  await page.getByRole('button', { name: /^Pay / }).click();
  for (const [card, words] of [['poor', 'There is not enough money on the card.'], ['expired', 'The card has expired.'], ['cvc', 'The security code of the card is wrong.'],
    ['stolen', 'The bank declined the card.'], ['declined', 'The bank declined the card.'], ['processing', 'The bank could not process the payment.']]) {
    await page.waitForURL(`${world.gatewayUrl}/pay/**`);
    await enterCard(page, CARDS[card]);
    await outcome(page, 'The payment did not go through');
    await page.getByText(`${words} Nothing was charged.`).waitFor();
    if (card === 'poor') {
      await page.shoot('portal-payment-declined-390-dark');
      await page.verify();
    }
    await page.getByRole('button', { name: 'Try again' }).click();
  }
  // Denied at the bank, canceled, left alone; the page that is open stays the same.
  await page.waitForURL(`${world.gatewayUrl}/pay/**`);
  await enterCard(page, CARDS.approve);
  await page.getByRole('button', { name: 'Deny' }).click();
  await page.getByText('was not approved by the card’s owner'.replace('’', "'")).waitFor();
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.waitForURL(`${world.gatewayUrl}/pay/**`);
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.getByText('The payment was canceled.').waitFor();
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.waitForURL(`${world.gatewayUrl}/pay/**`);
  const hosted = page.url();
  const { payments } = await api('GET', `/payments?invoice_id=${invoices.overdue.id}`);
  await page.goto(`${base}/portal/payments/${payments.find((one) => one.status === 'pending').id}`);
  await outcome(page, 'Nothing was paid yet');
  await page.shoot('portal-payment-open-390-dark');
  await page.verify();
  await page.getByRole('button', { name: 'Go on paying' }).click();
  await page.waitForURL(hosted);
  await world.control({ before_redirect: true, copies: 3 });
  await staffSees(invoices.overdue);
  const before = world.webhooks.length;
  await enterCard(page, CARDS.good);
  await outcome(page, THANKS);
  await page.shoot('portal-payment-paid-390-dark');
  await page.verify();
  await isPaid(invoices.overdue, CUSTOMER);
  assert.deepEqual(world.webhooks.slice(before).map((status) => status >= 200 && status < 300), [true, true, true], 'answers to the webhooks');
  await world.control({ before_redirect: false, copies: 1 });
  await page.context().close();
});

await test('without JavaScript; approved at the bank; the webhook comes an hour late', async () => {
  const page = await browser.page({ width: NARROW, js: false });
  await signIn(page, OTHER);
  await world.control({ hold: true });
  await startPaying(page, ofOther[0]);
  await enterCard(page, CARDS.approve);
  await page.getByRole('button', { name: 'Approve' }).click();
  await outcome(page, THANKS);
  await clock('2026-11-02T10:00:00+01:00');
  await world.control({ hold: false });
  await isPaid(ofOther[0], OTHER);
  await page.context().close();
});

await test('no answer from the gateway: being confirmed, until it says so by itself', async () => {
  const page = await browser.page();
  const plain = await browser.page({ js: false });
  await enter(page, OTHER);
  await enter(plain, OTHER);
  await world.control({ hold: true });
  await startPaying(page, ofOther[1]);
  await enterCard(page, CARDS.silentPaid, false); // its page never ends
  for (const until = Date.now() + 30000; (await world.charges(ofOther[1].id)).length === 0;) {
    assert.ok(Date.now() < until, 'nothing is charged');
    await page.waitForEvent('domcontentloaded', { timeout: 50 }).catch(() => {});
  }
  const { payments: [payment] } = await api('GET', `/payments?invoice_id=${ofOther[1].id}`);
  await page.goto(`${base}/portal`); // the customer does not wait any longer
  page.complaints.length = 0; // about the gateway's page, which never came
  await world.stopGateway();
  await page.goto(`${base}/portal/payments/${payment.id}`);
  await outcome(page, 'Your payment is being confirmed');
  await page.shoot('portal-payment-waiting-1440-light');
  await page.verify();
  await plain.goto(`${base}/portal/payments/${payment.id}`);
  await outcome(plain, 'Your payment is being confirmed');
  await page.goto(`${base}/portal/invoices/${ofOther[1].id}`);
  assert.equal(await page.getByRole('button', { name: /^Pay/ }).count(), 0, 'nobody pays twice');
  await page.verify();
  await page.getByRole('link', { name: 'See how it stands' }).click();
  await outcome(page, 'Your payment is being confirmed');
  await world.startGateway();
  await outcome(page, THANKS); // neither is touched
  await outcome(plain, THANKS);
  await isPaid(ofOther[1], OTHER);
  await page.context().close();
  await plain.context().close();
});

await test('the gateway is away when one wants to pay: told so, nothing begun; later it works', async () => {
  const page = await browser.page();
  await enter(page, OTHER);
  await world.stopGateway();
  await page.goto(`${base}/portal/invoices/${ofOther[2].id}`);
  await page.getByRole('button', { name: /^Pay / }).click();
  await page.getByText('Our payment provider does not answer.').waitFor();
  await page.verify();
  await world.startGateway();
  await clock('2026-11-02T11:00:00+01:00'); // what is not known is looked up
  await startPaying(page, ofOther[2]);
  await enterCard(page, CARDS.good);
  await outcome(page, THANKS);
  await isPaid(ofOther[2], OTHER);
  await page.context().close();
});

await test('the books balance', async () => {
  const said = execFileSync(resolve(process.argv[2]), ['verify', '--database', `sqlite:${join(world.billow.folder, 'billow.db')}`], { encoding: 'utf8' });
  assert.match(said, /^nothing is wrong$/m);
  const { invoices: unpaid } = await api('GET', '/invoices?payment_status=pending&status=finalized');
  assert.deepEqual(unpaid.map((one) => one.number), [], 'nothing is left to pay');
});

await browser.close();
await world.close();
end();
