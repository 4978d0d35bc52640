#!/usr/bin/env node
// Payments over HTTP: a real server and a real `billow sandbox-gateway`, a customer who pays at its
// page; every test card; webhooks twice, late, before the redirect, never, forged.
//
//   BILLOW=build/billow node tests/payment/payment.mjs [WORD]
import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import { BILLOW, cleanUp, rowsOf, run } from '../kill/world.mjs';
import { PayWorld } from '../kill/payment_world.mjs';
import { CARDS, SECRET, send } from './sandbox.mjs';

const ONLY = process.argv[2] || '';
const tests = [];
const test = (name, work) => tests.push({ name, work });
let world;
let stock = []; // invoices that nobody has paid yet

function equal(got, want, what) {
  const a = JSON.stringify(got);
  const b = JSON.stringify(want);
  if (a !== b) throw new Error(`${what}: got ${a}, wanted ${b}`);
}

async function invoice() {
  if (stock.length === 0) stock = await world.makeInvoices(10);
  return stock.pop();
}

const api = (...args) => world.server.call(...args);
const must = (...args) => world.server.must(...args);
const checkout = async (id) => (await must('POST', `/invoices/${id}/payment_url`)).invoice_payment_details;
const invoiceNow = async (id) => (await must('GET', `/invoices/${id}`)).invoice;
const paymentNow = async (id) => (await must('GET', `/payments/${id}`)).payment;
const ledgerOf = async (id) => (await rowsOf(world.database, 'ledger_entry')).ledger_entry
  .filter((row) => row.document_id.replaceAll('-', '') === id.replaceAll('-', '')).map((row) => `${row.account} ${row.amount_minor}`).sort();

async function paid(id, paymentId) {
  const now = await invoiceNow(id);
  const payment = await paymentNow(paymentId);
  equal([now.payment_status, now.total_paid_amount_cents, payment.status, payment.amount_cents], ['succeeded', 11900, 'succeeded', 11900], 'invoice and payment');
  if (!/^.+-R-\d{3,}$/.test(payment.receipt_number)) throw new Error(`receipt number ${payment.receipt_number}`);
  equal((await world.charges(id)).length, 1, 'charges at the gateway');
}

// ---- the good way, in every order --------------------------------------------------------------

test('paid, and told by webhook', async () => {
  const { id } = await invoice();
  const { payment_url: url, payment_id: payment, payment_provider: provider } = await checkout(id);
  equal(provider, 'sandbox', 'provider');
  equal((await paymentNow(payment)).status, 'pending', 'status before');
  equal((await world.pay(url, CARDS.good)).status, 303, 'answer of the form');
  await world.flush();
  await paid(id, payment);
  equal(await ledgerOf(payment), ['assets:bank 11900', 'assets:receivable -11900'], 'books');
});

test('pressing pay twice leads to the same page, and after paying to none', async () => {
  const { id } = await invoice();
  const first = await checkout(id);
  const second = await checkout(id);
  equal([second.payment_url, second.payment_id], [first.payment_url, first.payment_id], 'checkout');
  await world.pay(first.payment_url, CARDS.good);
  const again = await api('POST', `/invoices/${id}/payment_url`);
  equal([again.status, again.json.code], [405, 'invoice_is_paid'], 'a third time');
  await world.flush();
  await paid(id, first.payment_id);
});

test('both press pay at the same time', async () => {
  const { id } = await invoice();
  const both = await Promise.all([checkout(id), checkout(id), checkout(id)]);
  equal(new Set(both.map((one) => one.payment_url)).size, 1, 'pages');
});

test('a double click on the form charges once', async () => {
  const { id } = await invoice();
  const { payment_url: url, payment_id: payment } = await checkout(id);
  await Promise.all([world.pay(url, CARDS.good), world.pay(url, CARDS.good), world.pay(url, CARDS.good)]);
  await world.flush();
  await paid(id, payment);
});

test('the webhook comes twice', async () => {
  const { id } = await invoice();
  const { payment_url: url, payment_id: payment } = await checkout(id);
  await world.control({ copies: 3 });
  await world.pay(url, CARDS.good);
  await world.flush();
  await world.control({ copies: 1 });
  await paid(id, payment);
});

test('the webhook comes before the redirect', async () => {
  const { id } = await invoice();
  const { payment_url: url, payment_id: payment } = await checkout(id);
  await world.control({ before_redirect: true });
  await world.pay(url, CARDS.good);
  await paid(id, payment); // without waiting for anything
  await world.control({ before_redirect: false });
});

test('the webhook comes an hour late, the customer first', async () => {
  const { id } = await invoice();
  const { payment_url: url, payment_id: payment } = await checkout(id);
  await world.control({ hold: true });
  await world.pay(url, CARDS.good);
  equal((await paymentNow(payment)).status, 'pending', 'before anybody asked');
  equal((await must('POST', `/payments/${payment}/refresh`)).payment.status, 'succeeded', 'what the return asks');
  await world.server.setClock(new Date(world.now += 3600000).toISOString());
  await world.control({ hold: false });
  await world.flush();
  await paid(id, payment);
});

test('the webhook never comes: the look-up finds it', async () => {
  const { id } = await invoice();
  const { payment_url: url, payment_id: payment } = await checkout(id);
  await world.control({ hold: true });
  await world.pay(url, CARDS.good);
  await world.later(30);
  equal((await paymentNow(payment)).status, 'pending', 'before the look-up is due');
  await world.later(3600);
  await paid(id, payment);
  await world.control({ hold: false });
});

// ---- test cards -----------------------------------------------------------------------------------

for (const [card, code] of [['poor', 'insufficient_funds'], ['expired', 'expired_card'], ['lost', 'lost_card'], ['stolen', 'stolen_card'],
  ['doNotHonor', 'do_not_honor'], ['declined', 'generic_decline'], ['cvc', 'incorrect_cvc'], ['processing', 'processing_error'], ['approveThenPoor', 'insufficient_funds']]) {
  test(`declined: ${card}; then paid by another card`, async () => {
    const { id } = await invoice();
    const { payment_url: url, payment_id: payment } = await checkout(id);
    await world.pay(url, CARDS[card]);
    await world.flush();
    const failed = await paymentNow(payment);
    equal([failed.status, failed.failure_code, failed.paid_at], ['failed', code, null], 'the payment');
    equal([(await invoiceNow(id)).payment_status, (await world.charges(id)).length], ['failed', 0], 'the invoice and charges');
    const next = await checkout(id);
    if (next.payment_id === payment) throw new Error('the failed payment was begun again');
    await world.pay(next.payment_url, CARDS.good);
    await world.flush();
    await paid(id, next.payment_id);
  });
}

test('approved by its owner', async () => {
  const { id } = await invoice();
  const { payment_url: url, payment_id: payment } = await checkout(id);
  await world.pay(url, CARDS.approve);
  await world.flush();
  await paid(id, payment);
});

test('denied by its owner', async () => {
  const { id } = await invoice();
  const { payment_url: url, payment_id: payment } = await checkout(id);
  await world.pay(url, CARDS.approve, { approve: 'deny' });
  await world.flush();
  equal((await paymentNow(payment)).failure_code, 'authentication_failed', 'code');
});

test('no answer comes, though it was charged', async () => {
  const { id } = await invoice();
  const { payment_url: url, payment_id: payment } = await checkout(id);
  await world.control({ hold: true });
  await world.pay(url, CARDS.silentPaid, { timeout: 300 }).then(() => { throw new Error('an answer came'); }, () => {});
  const again = await api('POST', `/invoices/${id}/payment_url`);
  equal([again.status, again.json.code], [405, 'invoice_is_paid'], 'pressing pay again');
  await world.control({ hold: false });
  await world.flush();
  await paid(id, payment);
});

test('no answer comes, and it was not charged: the same page is still there', async () => {
  const { id } = await invoice();
  const { payment_url: url, payment_id: payment } = await checkout(id);
  await world.pay(url, CARDS.silentLost, { timeout: 300 }).then(() => { throw new Error('an answer came'); }, () => {});
  equal((await must('POST', `/payments/${payment}/refresh`)).payment.status, 'pending', 'status');
  equal((await checkout(id)).payment_url, url, 'page');
  await world.pay(url, CARDS.good);
  await world.flush();
  await paid(id, payment);
});

test('given up by the customer', async () => {
  const { id } = await invoice();
  const { payment_url: url, payment_id: payment } = await checkout(id);
  await send(url, 'POST', { headers: { 'Content-Type': 'application/x-www-form-urlencoded' }, body: 'do=cancel' });
  await world.flush();
  const row = await paymentNow(payment);
  equal([row.status, row.failure_code, (await invoiceNow(id)).payment_status], ['failed', 'canceled', 'pending'], 'payment and invoice');
});

// ---- money that the invoice does not need ---------------------------------------------------------

test('paid by hand meanwhile: the page is closed', async () => {
  const { id } = await invoice();
  const { payment_url: url, payment_id: payment } = await checkout(id);
  await must('POST', '/payments', { payment: { invoice_id: id, amount_cents: 11900, reference: 'bank' } });
  await world.later(1);
  await world.flush();
  const row = await paymentNow(payment);
  equal([row.status, row.failure_code], ['failed', 'canceled'], 'payment');
  await world.pay(url, CARDS.good);
  equal((await world.charges(id)).length, 0, 'charges');
});

test('paid at the page and by hand: nothing is lost', async () => {
  const { id } = await invoice();
  const { payment_url: url, payment_id: payment } = await checkout(id);
  await world.control({ hold: true });
  await world.pay(url, CARDS.good);
  await must('POST', '/payments', { payment: { invoice_id: id, amount_cents: 11900, reference: 'bank' } });
  await world.control({ hold: false });
  await world.flush();
  const row = await paymentNow(payment);
  equal([row.status, row.unapplied_amount_cents, (await invoiceNow(id)).total_paid_amount_cents], ['succeeded', 11900, 11900], 'payment and invoice');
  equal(await ledgerOf(payment), ['assets:bank 11900', 'liabilities:customer_credit -11900'], 'books');
  const exception = (await must('GET', '/payment_exceptions')).payment_exceptions.find((one) => one.payment_id === payment);
  equal([exception.reason, exception.amount_cents, exception.resolved_at], ['overpaid', 11900, null], 'exception');
  await must('POST', `/payment_exceptions/${exception.id}/resolve`);
  equal((await must('GET', '/payment_exceptions')).payment_exceptions.some((one) => one.payment_id === payment), false, 'resolved');
});

test('a part paid by hand: the next page asks for the rest', async () => {
  const { id } = await invoice();
  const first = await checkout(id);
  await must('POST', '/payments', { payment: { invoice_id: id, amount_cents: 1900, reference: 'bank' } });
  const second = await checkout(id);
  if (second.payment_id === first.payment_id) throw new Error('the page still asks for all');
  equal([(await paymentNow(first.payment_id)).failure_code, (await paymentNow(second.payment_id)).amount_cents], ['canceled', 10000], 'payments');
  await world.pay(first.payment_url, CARDS.good);
  await world.pay(second.payment_url, CARDS.good);
  await world.flush();
  equal([(await invoiceNow(id)).payment_status, (await world.charges(id)).length], ['succeeded', 1], 'invoice and charges');
});

for (const [name, settle] of [
  ['a part is paid by hand', (id) => must('POST', '/payments', { payment: { invoice_id: id, amount_cents: 1900, reference: 'bank' } })],
  ['staff say that it is paid', (id) => must('PUT', `/invoices/${id}`, { invoice: { payment_status: 'succeeded' } })],
]) {
  test(`${name}: the page for all of it is closed, without anybody pressing pay`, async () => {
    const { id } = await invoice();
    const { payment_url: url, payment_id: payment } = await checkout(id);
    await settle(id);
    await world.later(1);
    const row = await paymentNow(payment);
    equal([row.status, row.failure_code], ['failed', 'canceled'], 'payment');
    await world.pay(url, CARDS.good);
    equal((await world.charges(id)).length, 0, 'charges');
  });
}

test('voided while it was paid', async () => {
  const { id } = await invoice();
  const { payment_url: url, payment_id: payment } = await checkout(id);
  await world.control({ hold: true });
  await world.pay(url, CARDS.good);
  await must('POST', `/invoices/${id}/void`);
  await world.control({ hold: false });
  await world.flush();
  const row = await paymentNow(payment);
  equal([row.status, row.unapplied_amount_cents], ['succeeded', 11900], 'payment');
  const exception = (await must('GET', '/payment_exceptions')).payment_exceptions.find((one) => one.payment_id === payment);
  equal(exception.reason, 'invoice_voided', 'exception');
});

// ---- webhooks that are refused ---------------------------------------------------------------------

const now = () => Math.floor(Date.now() / 1000);
function signed(id, body, at = now(), secret = SECRET) {
  const mac = createHmac('sha256', Buffer.from(secret.slice(6), 'base64')).update(`${id}.${at}.${body}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': String(at), 'webhook-signature': `v1,${mac}`, 'Content-Type': 'application/json' };
}
const hook = (headers, body, code = 'sandbox') => send(`${world.toServer.url}/webhooks/gateways/${code}`, 'POST', { headers, body });

let events = 0;
async function forged() {
  const { id } = await invoice();
  const { payment_id: payment, payment_url: url } = await checkout(id);
  const found = (await world.gateway.ask('GET', `/v1/checkouts?reference=${id}-1`)).checkout;
  const event = `evt_forged_${++events}`;
  const notice = { id: event, type: 'checkout.succeeded', checkout: { ...found, status: 'succeeded', url: undefined } };
  return { id, payment, url, event, notice };
}
const untouched = async ({ id, payment }) => equal([(await paymentNow(payment)).status, (await invoiceNow(id)).payment_status], ['pending', 'pending'], 'nothing changed');

test('unsigned, wrongly signed, stale, ahead of time, truncated, changed', async () => {
  const f = await forged();
  const body = JSON.stringify(f.notice);
  const good = signed(f.event, body);
  const refused = [
    ['unsigned', { 'Content-Type': 'application/json' }, body],
    ['without time', { ...good, 'webhook-timestamp': '' }, body],
    ['another secret', signed(f.event, body, now(), `whsec_${Buffer.alloc(32).toString('base64')}`), body],
    ['stale', signed(f.event, body, now() - 310), body],
    ['ahead', signed(f.event, body, now() + 310), body],
    ['truncated', good, body.slice(0, -10)],
    ['changed', good, body.replace('11900', '1')],
    ['another id', { ...good, 'webhook-id': 'evt_other' }, body],
    ['empty', good, ''],
  ];
  for (const [name, headers, sent] of refused) equal((await hook(headers, sent)).status, 401, name);
  await untouched(f);
});

test('well signed, but no event of this gateway', async () => {
  const f = await forged();
  for (const body of ['', '{', '[]', '{}', '{"id":"evt_x"}', JSON.stringify({ ...f.notice, checkout: { ...f.notice.checkout, amount: -1 } }),
    JSON.stringify({ ...f.notice, checkout: { ...f.notice.checkout, currency: 'eur; DROP' } }), JSON.stringify({ ...f.notice, id: 'evt_not_the_header' })]) {
    equal((await hook(signed(f.event, body), body)).status, 400, `body ${body.slice(0, 40)}`);
  }
  equal((await hook(signed(f.event, '{}'), '{}', 'nobody')).status, 404, 'another gateway');
  const large = 'x'.repeat(300000);
  equal((await hook(signed(f.event, large), large)).status, 413, 'too large');
  await untouched(f);
});

for (const [name, change] of [['amount', { amount: 1 }], ['currency', { currency: 'USD' }], ['id', { id: 'cs_other' }]]) {
  test(`well signed, but of another ${name}: it is looked up instead`, async () => {
    const f = await forged();
    const body = JSON.stringify({ ...f.notice, checkout: { ...f.notice.checkout, ...change } });
    equal((await hook(signed(f.event, body), body)).status, 200, 'taken');
    await untouched(f);
    await world.later(1);
    await untouched(f); // the gateway itself says that it is open
  });
}

test('a known event again: 2xx, nothing changed', async () => {
  const f = await forged();
  const body = JSON.stringify(f.notice);
  await world.control({ hold: true });
  await world.pay(f.url, CARDS.good);
  for (let i = 0; i < 3; i++) equal((await hook(signed(f.event, body), body)).status, 200, `time ${i}`);
  await Promise.all(Array.from({ length: 5 }, () => hook(signed(f.event, body), body).then((answer) => equal(answer.status, 200, 'at once'))));
  await world.control({ hold: false });
  await world.flush();
  await paid(f.id, f.payment);
});

test('of a payment that is none of ours: taken, and nothing changed', async () => {
  const f = await forged();
  const body = JSON.stringify({ ...f.notice, checkout: { ...f.notice.checkout, reference: 'someone-elses' } });
  await Promise.all(Array.from({ length: 4 }, () => hook(signed(f.event, body), body).then((answer) => equal(answer.status, 200, 'answer'))));
  await untouched(f);
  equal((await rowsOf(world.database, 'gateway_event')).gateway_event.filter((row) => row.event_id === f.event).map((row) => row.outcome), ['strange'], 'noted once');
});

test('a late failure after success is ignored', async () => {
  const f = await forged();
  await world.pay(f.url, CARDS.good);
  await world.flush();
  const body = JSON.stringify({ ...f.notice, type: 'checkout.failed', checkout: { ...f.notice.checkout, status: 'failed', decline_code: 'lost_card' } });
  equal((await hook(signed(f.event, body), body)).status, 200, 'taken');
  await paid(f.id, f.payment);
});

// ---- the gateway is away, or says nonsense -----------------------------------------------------------

test('the gateway is away: clear words, and then it goes on', async () => {
  const { id } = await invoice();
  await world.killGateway();
  const refused = await api('POST', `/invoices/${id}/payment_url`);
  equal([refused.status, refused.json.code], [502, 'gateway_error'], 'answer');
  await world.revive();
  const { payment_url: url, payment_id: payment } = await checkout(id);
  await world.killGateway();
  equal((await must('POST', `/payments/${payment}/refresh`)).payment.status, 'unknown', 'nobody knows');
  await world.later(3600);
  equal((await paymentNow(payment)).status, 'unknown', 'still not');
  await world.revive();
  await world.later(86400);
  equal((await paymentNow(payment)).status, 'pending', 'open again');
  await world.pay(url, CARDS.good);
  await world.flush();
  await paid(id, payment);
});

test('a gateway that answers nonsense is not believed', async () => {
  const { id } = await invoice();
  const real = world.toGateway.port;
  const answers = ['', 'not json', '{}', '{"checkout":{}}', '{"checkout":{"id":"x","reference":"REF","amount":11900,"currency":"EUR","status":"open","at":"2024-01-01T00:00:00Z","url":"https://evil.example/pay"}}',
    '{"checkout":{"id":"x","reference":"another","amount":11900,"currency":"EUR","status":"succeeded","at":"2024-01-01T00:00:00Z"}}', '{"checkout":{"id":"x","reference":"REF","amount":0,"currency":"EUR","status":"succeeded","at":"2024-01-01T00:00:00Z"}}'];
  for (const answer of answers) {
    const fake = createServer((req, res) => { req.resume(); res.writeHead(200); res.end(answer.replace('REF', `${id}-1`)); });
    await new Promise((resolve) => { fake.listen(0, '127.0.0.1', resolve); });
    world.toGateway.port = fake.address().port;
    equal((await api('POST', `/invoices/${id}/payment_url`)).status, 502, answer);
    fake.close();
  }
  world.toGateway.port = real;
  const { payment_url: url, payment_id: payment } = await checkout(id);
  await world.pay(url, CARDS.good);
  await world.flush();
  await paid(id, payment);
});

// ---- the page ----------------------------------------------------------------------------------------

test('the page: policy, and messages at the fields', async () => {
  const { id } = await invoice();
  const { payment_url: url } = await checkout(id);
  const page = await send(url);
  equal([page.status, page.headers['content-security-policy'].startsWith("default-src 'none'; style-src 'self'; form-action 'self'")], [200, true], 'page');
  if (!page.text.includes('€119.00')) throw new Error('the sum is missing');
  const wrong = await send(url, 'POST', { headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ number: '4111 1111 1111 1111', expiry: '13/34', cvc: 'x', name: '<b>Ada & "Bob"</b> \u202e😀', do: 'pay' }).toString() });
  equal(wrong.status, 422, 'wrong form');
  for (const words of ['test cards only', 'as 12/34', '3 or 4 digits', 'value="&lt;b&gt;Ada &amp; &quot;Bob&quot;&lt;/b&gt;']) if (!wrong.text.includes(words)) throw new Error(`"${words}" is missing`);
  if (wrong.text.includes('4111 1111')) throw new Error('the number is shown again');
  equal((await send(`${world.toGateway.url}/pay/cs_nothing`)).status, 404, 'no such page');
  equal((await send(`${world.toGateway.url}/v1/charges`)).status, 401, 'API without key');
});

test('refused: drafts and strangers', async () => {
  const answer = await api('POST', '/invoices/00000000-0000-7000-8000-000000000000/payment_url');
  equal(answer.status, 404, 'no such invoice');
  equal((await api('POST', '/payments/00000000-0000-7000-8000-000000000000/refresh')).status, 404, 'no such payment');
});

let passed = 0;
let failed = 0;
try {
  world = await PayWorld.open();
  for (const { name, work } of tests.filter((one) => one.name.includes(ONLY))) {
    try {
      await work();
      passed++;
    } catch (error) {
      failed++;
      console.log(`FAILED ${name}: ${error.stack}`);
      await world.revive();
      await world.control({ hold: false, copies: 1, before_redirect: false });
    }
  }
  await world.server.stop();
  const { code, output } = await run('verify', '--database', world.database.url);
  if (code === 0) passed++; else { failed++; console.log(`FAILED verify: ${output}`); }
  await world.startServer();
  await world.close();
} catch (error) {
  failed++;
  console.log(`FAILED: ${error.stack} ${BILLOW}`);
} finally {
  cleanUp();
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
