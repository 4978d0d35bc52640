#!/usr/bin/env node
// Webhooks over HTTP: a real server and receivers that take, refuse, redirect, hang and are gone;
// the server killed between a delivery and the note of it.
//
//   BILLOW=build/billow node tests/webhook/webhook.mjs [WORD]
//
// On SQLite; beside tests/with-postgres on PostgreSQL.
import { readFileSync } from 'node:fs';
import { startGateway } from '../contract/server.mjs';
import { cleanUp, databaseNew, rowsOf, Server, verify } from '../kill/world.mjs';
import { CARDS, send } from '../payment/sandbox.mjs';
import { lagoSignature, Receiver, signers } from './receiver.mjs';

const ONLY = process.argv[2] || '';
const NOWHERE = '00000000-0000-7000-8000-000000000000';
const tests = [];
const test = (name, work) => tests.push({ name, work });
let database;
let server;
let receiver;
let gateway;
let now = Date.parse('2024-01-01T00:00:00Z');
let count = 0;

function equal(got, want, what) {
  const a = JSON.stringify(got);
  const b = JSON.stringify(want);
  if (a !== b) throw new Error(`${what}: got ${a}, wanted ${b}`);
}

const api = (...args) => server.call(...args);
const must = (...args) => server.must(...args);

async function pass(seconds) {
  now += seconds * 1000;
  await server.setClock(new Date(now).toISOString().replace('.000', ''));
}

async function lago(method, path, body) {
  const text = JSON.stringify(body);
  const answer = await send(`http://${server.host}:${server.port}/lago/api/v1${path}`, method,
    { headers: { Authorization: 'Bearer kill-key', 'Content-Type': 'application/json' }, body: text });
  return { status: answer.status, json: JSON.parse(answer.text) };
}

// An endpoint at a path of its own: { id, path, secret }.
async function endpoint(types = null, more = {}) {
  const path = `/${++count}`;
  const { webhook_endpoint: made } = await must('POST', '/webhook_endpoints', { webhook_endpoint: { webhook_url: receiver.url + path, event_types: types, ...more } });
  return { id: made.id, path, secret: made.secret };
}

// At the gateway's page.
const pay = (url, number) => send(url, 'POST', { headers: { 'Content-Type': 'application/x-www-form-urlencoded' }, body: new URLSearchParams({ number, expiry: '12/34', cvc: '123', name: 'Ada', do: 'pay' }).toString() });

const remove = (one) => must('DELETE', `/webhook_endpoints/${one.id}`);
const customer = async (more = {}) => (await must('POST', '/customers', { customer: { external_id: `c${++count}`, name: 'Acmé', ...more } })).customer;
const messages = async (one, query = '') => (await must('GET', `/webhooks?webhook_endpoint_id=${one.id}${query}`)).webhooks;

// The newest message of an endpoint, once its newest try has been noted: a look each time that the
// server has answered.  `answer`: with which status, where tries before had others.
async function noted(one, status, tries = 1, answer = null) {
  const end = Date.now() + 30000;
  for (;;) {
    const [message] = await messages(one);
    if (message && message.status === status && message.tries === tries && (answer === null || message.http_status === answer) && (status !== 'waiting' || message.problem !== null)) return message;
    if (Date.now() > end) throw new Error(`not ${status} after ${tries} tries: ${JSON.stringify(message)}`);
  }
}

// ---- what is sent ------------------------------------------------------------------------------

test('nobody is told where nobody asks', async () => {
  await customer();
  equal((await rowsOf(database, 'webhook')).webhook, [], 'messages');
  const one = await endpoint(['plan.created']);
  await customer();
  equal(await messages(one), [], 'messages of another type');
  await remove(one);
});

test('the standard form, signed', async () => {
  const one = await endpoint(['customer.created']);
  const made = await customer({ currency: 'EUR' });
  const [got] = await receiver.wait(one.path, 1);
  equal([got.method, got.headers['content-type'], got.headers['user-agent']], ['POST', 'application/json', 'Billow'], 'the request');
  equal(signers(got, [one.secret]), [one.secret], 'signed by');
  const age = Date.now() / 1000 - Number(got.headers['webhook-timestamp']);
  if (!(age > -5 && age < 60)) throw new Error(`the timestamp is ${age} s old: receivers go by the real time`);
  equal(JSON.parse(got.body), { type: 'customer.created', timestamp: '2024-01-01T00:00:00Z', data: made }, 'the body');
  const message = await noted(one, 'succeeded');
  equal([message.id, message.webhook_type, message.http_status, message.object_id], [got.headers['webhook-id'], 'customer.created', 200, made.id], 'the message');
  const { webhook } = await must('GET', `/webhooks/${message.id}`);
  equal([webhook.payload, webhook.response], [got.body, 'thanks'], 'as it was sent, and answered');
  await remove(one);
});

test("Lago's form, signed by the shared key", async () => {
  const path = `/${++count}`;
  const { status, json } = await lago('POST', '/webhook_endpoints', { webhook_endpoint: { webhook_url: receiver.url + path } });
  equal([status, json.webhook_endpoint.signature_algo, json.webhook_endpoint.event_types], [200, 'hmac', null], 'made');
  const id = json.webhook_endpoint.lago_id;
  const key = json.webhook_endpoint.secret;
  const made = await customer();
  const [got] = await receiver.wait(path, 1);
  const shown = (await lago('GET', `/customers/${made.external_id}`)).json.customer;
  equal(JSON.parse(got.body), { webhook_type: 'customer.created', object_type: 'customer', organization_id: json.webhook_endpoint.lago_organization_id, customer: shown }, 'the body');
  equal([got.headers['x-lago-signature'], got.headers['x-lago-signature-algorithm']], [lagoSignature(key, got.body), 'hmac'], 'signature');
  equal(got.headers['x-lago-unique-key'], (await messages({ id }))[0].id, 'the unique key');
  const second = (await lago('POST', '/webhook_endpoints', { webhook_endpoint: { webhook_url: `${receiver.url}/${++count}`, event_types: ['credit_note.created'] } })).json.webhook_endpoint;
  equal([second.secret, second.event_types], [key, ['credit_note.created']], 'the key of all; a type that never comes');
  const rotated = (await lago('POST', `/webhook_endpoints/${second.lago_id}/rotate_secret`)).json.webhook_endpoint.secret;
  await customer();
  const [, after] = await receiver.wait(path, 2);
  equal(after.headers['x-lago-signature'], lagoSignature(rotated, after.body), 'signature by the new key');
  await remove({ id });
  await remove({ id: second.lago_id });
});

test('what is deleted is told by what it was called', async () => {
  const one = await endpoint(['customer.deleted']);
  const made = await customer({ name: 'Last' });
  await must('DELETE', `/customers/${made.external_id}`);
  const [got] = await receiver.wait(one.path, 1);
  equal(JSON.parse(got.body).data, { id: made.id, external_id: made.external_id, name: 'Last', deleted_at: new Date(now).toISOString().replace('.000', '') }, 'the object');
  await remove(one);
});

test('what did not change is not told', async () => {
  const one = await endpoint(['customer.updated']);
  const made = await customer();
  await must('POST', '/customers', { customer: { external_id: made.external_id, name: 'New' } });
  await receiver.wait(one.path, 1);
  equal((await messages(one)).length, 1, 'messages');
  await remove(one);
});

test('a test message', async () => {
  const one = await endpoint(['plan.created']);
  await must('POST', `/webhook_endpoints/${one.id}/test`);
  const [got] = await receiver.wait(one.path, 1);
  const { type, data } = JSON.parse(got.body);
  equal([type, data.id, data.secret], ['webhook_endpoint.test', one.id, undefined], 'the message');
  await remove(one);
});

// Types as the guide lists them, without the one that nobody chooses.
const listed = [...readFileSync(new URL('../../docs/guide/webhooks.md', import.meta.url), 'utf8').split('## Types')[1].matchAll(/`([a-z_]+\.[a-z_]+)`/g)]
  .map((found) => found[1]).filter((type) => type !== 'webhook_endpoint.test').sort();

// The objects that changes tell of, each once the change is over.
async function everything() {
  await must('POST', '/taxes', { tax: { name: 'VAT', code: 'vat', rate: '20' } });
  await must('PUT', '/taxes/vat', { tax: { rate: '19' } });
  await must('POST', '/taxes', { tax: { name: 'Old', code: 'old', rate: '7' } });
  await must('DELETE', '/taxes/old');
  await must('POST', '/billing_entities', { billing_entity: { code: 'fr', name: 'Cloud SAS' } });
  await must('PUT', '/billing_entities/fr', { billing_entity: { name: 'Cloud' } });
  const { billable_metric: metric } = await must('POST', '/billable_metrics', { billable_metric: { name: 'GB', code: 'gb', aggregation_type: 'sum_agg', field_name: 'gb' } });
  await must('PUT', '/billable_metrics/gb', { billable_metric: { name: 'Gigabytes' } });
  await must('POST', '/billable_metrics', { billable_metric: { name: 'Old', code: 'old', aggregation_type: 'count_agg' } });
  await must('DELETE', '/billable_metrics/old');
  await must('POST', '/add_ons', { add_on: { name: 'Set-up', code: 'setup', amount_cents: 100, amount_currency: 'EUR' } });
  await must('PUT', '/add_ons/setup', { add_on: { name: 'Setting up' } });
  await must('DELETE', '/add_ons/setup');
  await must('POST', '/features', { feature: { name: 'Seats', code: 'seats', privileges: [{ code: 'max', value_type: 'integer' }] } });
  await must('PUT', '/features/seats', { feature: { name: 'Seats in all' } });
  await must('POST', '/features', { feature: { name: 'Old', code: 'old' } });
  await must('DELETE', '/features/old');
  await must('POST', '/plans', { plan: { name: 'Basic', code: 'basic', interval: 'monthly', amount_cents: 10000, amount_currency: 'EUR', pay_in_advance: true,
    charges: [{ billable_metric_id: metric.id, charge_model: 'standard', pay_in_advance: true, invoiceable: false, properties: { amount: '1' } }] } });
  await must('PUT', '/plans/basic', { plan: { name: 'Basics' } });
  await must('POST', '/plans/basic/entitlements', { entitlements: { seats: { max: 5 } } });
  await must('POST', '/plans', { plan: { name: 'Old', code: 'old', interval: 'monthly', amount_cents: 1, amount_currency: 'EUR' } });
  await must('DELETE', '/plans/old');
  await must('POST', '/customers', { customer: { external_id: 'all', name: 'All', email: 'all@all.example' } });
  await must('POST', '/customers', { customer: { external_id: 'all', name: 'All of it' } });
  await must('POST', '/customers', { customer: { external_id: 'slow', name: 'Slow', billing_configuration: { invoice_grace_period: 3 } } });
  await must('POST', '/customers', { customer: { external_id: 'gone', name: 'Gone' } });
  await must('DELETE', '/customers/gone');
  const subscribe = (who, id, more = {}) => must('POST', '/subscriptions', { subscription: { external_customer_id: who, external_id: id, plan_code: 'basic', ...more } });
  await subscribe('all', 's1', { billing_time: 'anniversary' }); // billed at once
  await subscribe('all', 's2', { subscription_at: new Date(now + 86400000 * 40).toISOString() }); // waits
  await must('PUT', '/subscriptions/s1', { subscription: { name: 'Main' } });
  await must('DELETE', '/subscriptions/s2?status=pending');
  await subscribe('slow', 's3', { billing_time: 'anniversary' }); // a draft
  await must('POST', '/events', { event: { transaction_id: 'e1', external_subscription_id: 's1', code: 'gb', properties: { gb: '3' } } });
  await server.setClock(new Date(now).toISOString(), true);
  const [fee] = (await must('GET', '/fees?external_subscription_id=s1&fee_type=charge')).fees;
  await must('PUT', `/fees/${fee.id}`, { fee: { payment_status: 'succeeded' } });
  const find = async (who, status) => (await must('GET', `/invoices?external_customer_id=${who}&status=${status}`)).invoices[0];
  const invoice = await find('all', 'finalized');
  const draft = await find('slow', 'draft');
  await must('POST', '/customers', { customer: { external_id: 'slow', billing_configuration: { invoice_grace_period: 9 } } });
  await pass(86400 * 2);
  await server.setClock(new Date(now).toISOString(), true); // overdue
  const at = (await must('POST', `/invoices/${invoice.id}/payment_url`)).invoice_payment_details;
  await pay(at.payment_url, CARDS.poor);
  await must('POST', `/payments/${at.payment_id}/refresh`);
  const again = (await must('POST', `/invoices/${invoice.id}/payment_url`)).invoice_payment_details;
  await pay(again.payment_url, CARDS.processing);
  await must('POST', `/payments/${again.payment_id}/refresh`);
  await must('POST', '/payments', { payment: { invoice_id: invoice.id, amount_cents: 10000 } });
  await must('PUT', `/invoices/${draft.id}/finalize`);
  await must('POST', `/invoices/${draft.id}/void`);
  await must('DELETE', '/subscriptions/s3');
}

test('every type that the guide lists comes, and no other', async () => {
  const [native, foreign] = [await endpoint(), (await lago('POST', '/webhook_endpoints', { webhook_endpoint: { webhook_url: `${receiver.url}/all` } })).json.webhook_endpoint];
  await everything();
  const { meta } = await must('GET', `/webhooks?webhook_endpoint_id=${native.id}&per_page=1`);
  const got = (await receiver.wait(native.path, meta.total_count)).map((one) => JSON.parse(one.body));
  equal([...new Set(got.map((one) => one.type))].sort(), listed, 'types');
  for (const { type, data } of got) {
    if (typeof data.id !== 'string' || Object.keys(data).length < (data.code === 'old' || data.code === 'setup' || data.external_id === 'gone' ? 2 : 4)) throw new Error(`${type}: ${JSON.stringify(data)}`);
  }
  const of = (type) => got.find((one) => one.type === type).data;
  equal([of('payment_receipt.created').payment.id, of('payment_receipt.created').number], [of('payment_receipt.created').id, of('payment_receipt.created').payment.receipt_number], 'a receipt');
  // Declined, then paid: the first may be told in the state of the second.
  const paid = got.filter((one) => one.type === 'invoice.payment_status_updated').map((one) => one.data.payment_status);
  equal([paid.length, paid[1]], [2, 'succeeded'], 'an invoice');
  for (const type of ['tax.deleted', 'plan.deleted', 'add_on.deleted', 'feature.deleted', 'billable_metric.deleted']) equal(of(type).code, type === 'add_on.deleted' ? 'setup' : 'old', type);
  const told = (await receiver.wait('/all', meta.total_count)).map((one) => JSON.parse(one.body));
  equal([...new Set(told.map((one) => one.webhook_type))].sort(), listed, "types of Lago's form");
  for (const one of told) if (typeof one[one.object_type].lago_id !== 'string') throw new Error(JSON.stringify(one).slice(0, 300));
  await remove(native);
  await remove({ id: foreign.lago_id });
});

// ---- what goes wrong ---------------------------------------------------------------------------

test('refused, then taken: the same bytes, though the object has changed', async () => {
  const one = await endpoint(['customer.created']);
  receiver.set(one.path, 500, {}, 'not now');
  const made = await customer();
  await receiver.wait(one.path, 1);
  const failed = await noted(one, 'waiting');
  equal([failed.http_status, failed.problem, failed.next_try_at], [500, 'answered 500', new Date(now + 15000).toISOString().replace('.000', '')], 'noted');
  await must('POST', '/customers', { customer: { external_id: made.external_id, name: 'Another' } });
  receiver.answers.delete(one.path);
  await pass(15);
  const [first, second] = await receiver.wait(one.path, 2);
  equal([second.body, second.headers['webhook-id']], [first.body, first.headers['webhook-id']], 'sent again');
  equal(signers(second, [one.secret]).length, 1, 'signed');
  await noted(one, 'succeeded', 2);
  await remove(one);
});

test('a redirect is not followed', async () => {
  const one = await endpoint(['customer.created']);
  receiver.set(one.path, 307, { Location: `${receiver.url}/elsewhere` });
  await customer();
  await receiver.wait(one.path, 1);
  equal((await noted(one, 'waiting')).http_status, 307, 'status');
  equal(receiver.at('/elsewhere'), [], 'what came to the other place');
  await remove(one);
});

test('one that hangs holds up no other', async () => {
  const slow = await endpoint(['customer.created']);
  const quick = await endpoint(['customer.created']);
  let release = null;
  receiver.answers.set(slow.path, (req, res) => { release = () => res.writeHead(200).end(); });
  await customer();
  await receiver.wait(slow.path, 1);
  for (let i = 0; i < 3; i++) await customer();
  await receiver.wait(quick.path, 4);
  equal([receiver.at(slow.path).length, (await messages(slow, '&status=waiting')).length], [1, 4], 'at the slow one');
  receiver.answers.delete(slow.path);
  release();
  await receiver.wait(slow.path, 4);
  await remove(slow);
  await remove(quick);
});

test('one that is gone is disabled, and what waits for it waits on', async () => {
  const one = await endpoint(['customer.created']);
  receiver.set(one.path, 410);
  await customer();
  await receiver.wait(one.path, 1);
  equal((await noted(one, 'failed')).problem, 'answered 410', 'noted');
  const gone = (await must('GET', `/webhook_endpoints/${one.id}`)).webhook_endpoint;
  equal([gone.enabled, gone.disabled_reason], [false, 'gone'], 'the endpoint');
  await customer(); // not told
  equal((await api('POST', `/webhook_endpoints/${one.id}/test`)).json.code, 'webhook_endpoint_disabled', 'a test');
  receiver.answers.delete(one.path);
  await must('POST', `/webhooks/${(await messages(one))[0].id}/resend`);
  await must('PUT', `/webhook_endpoints/${one.id}`, { webhook_endpoint: { enabled: true } });
  await receiver.wait(one.path, 2);
  await noted(one, 'succeeded');
  equal((await messages(one)).length, 1, 'messages');
  await remove(one);
});

test('of an answer the beginning is kept, whatever it is', async () => {
  const one = await endpoint(['customer.created']);
  receiver.answers.set(one.path, (req, res) => res.writeHead(200).end(Buffer.concat([Buffer.from([0x41, 0x00, 0xff, 0x0a]), Buffer.alloc(1 << 20, 'x')])));
  await customer();
  const message = await noted(one, 'succeeded');
  equal((await must('GET', `/webhooks/${message.id}`)).webhook.response, `A??\n${'x'.repeat(4092)}`, 'the answer');
  await remove(one);
});

test('nobody listens', async () => {
  const { webhook_endpoint: made } = await must('POST', '/webhook_endpoints', { webhook_endpoint: { webhook_url: 'http://127.0.0.1:1/', event_types: ['customer.created'] } });
  await customer();
  const message = await noted(made, 'waiting');
  if (message.http_status !== null || !/gave no answer/.test(message.problem)) throw new Error(JSON.stringify(message));
  await remove(made);
});

test('ten tries, then it has failed, until somebody sends it again', async () => {
  const one = await endpoint(['customer.created']);
  let tries = 0;
  receiver.answers.set(one.path, (req, res) => res.writeHead(500 + ++tries).end());
  await customer();
  const pauses = [15, 60, 240, 900, 3600, 14400, 21600, 21600, 21600]; // src/app/outbox.h
  for (let i = 0; i < pauses.length; i++) {
    await receiver.wait(one.path, i + 1);
    await noted(one, 'waiting', i + 1, 501 + i);
    await pass(pauses[i]);
  }
  await receiver.wait(one.path, 10);
  const message = await noted(one, 'failed', 10);
  equal(message.next_try_at, null, 'the next try');
  receiver.answers.delete(one.path);
  await must('POST', `/webhooks/${message.id}/resend`);
  const all = await receiver.wait(one.path, 11);
  equal(new Set(all.map((got) => got.headers['webhook-id'] + got.body)).size, 1, 'different messages');
  await noted(one, 'succeeded', 1);
  const { audit_entries: entries } = await must('GET', '/audit_entries?action=webhook.resend');
  equal(entries[0].object_id, message.id, 'the entry');
  await remove(one);
});

test('killed between the delivery and the note of it: sent again, with the same id', async () => {
  const one = await endpoint(['customer.created']);
  const { child } = server;
  receiver.answers.set(one.path, () => child.kill('SIGKILL')); // never answered
  await customer();
  await receiver.wait(one.path, 1);
  await child.gone;
  receiver.answers.delete(one.path);
  server = await Server.start(database);
  await pass(60); // the dead server's claim ends
  const [first, second] = await receiver.wait(one.path, 2);
  equal([second.headers['webhook-id'], second.body], [first.headers['webhook-id'], first.body], 'sent again');
  await noted(one, 'succeeded', 2);
  await remove(one);
});

// ---- endpoints ---------------------------------------------------------------------------------

test('a new secret, and the former one for a day', async () => {
  const one = await endpoint(['customer.created']);
  const { secret } = (await must('POST', `/webhook_endpoints/${one.id}/rotate_secret`)).webhook_endpoint;
  await customer();
  const [both] = await receiver.wait(one.path, 1);
  equal(signers(both, [one.secret, secret]), [one.secret, secret], 'signed by');
  await pass(86400);
  await customer();
  const [, later] = await receiver.wait(one.path, 2);
  equal(signers(later, [one.secret, secret]), [secret], 'signed by, a day later');
  const texts = JSON.stringify([await must('GET', '/audit_entries?action=webhook_endpoint'), await must('GET', '/webhook_endpoints'), await must('GET', `/webhook_endpoints/${one.id}`)]);
  if (texts.includes('whsec_')) throw new Error('a secret is shown again');
  await remove(one);
});

test('refused', async () => {
  const cases = [
    [{ webhook_url: 'https://10.0.0.1/' }, 'webhook_url'],
    [{ webhook_url: 'https://169.254.169.254/latest/meta-data/' }, 'webhook_url'],
    [{ webhook_url: 'http://hooks.example/' }, 'webhook_url'],
    [{ webhook_url: 'https://user:word@hooks.example/' }, 'webhook_url'],
    [{ webhook_url: 'ftp://hooks.example/' }, 'webhook_url'],
    [{ webhook_url: 'hooks' }, 'webhook_url'],
    [{ webhook_url: '' }, 'webhook_url'],
    [{}, 'webhook_url'],
    [{ webhook_url: 'https://hooks.example/', event_types: ['customer.exploded'] }, 'event_types.0'],
    [{ webhook_url: 'https://hooks.example/', signature_algo: 'jwt' }, 'signature_algo'],
  ];
  for (const [body, field] of cases) {
    const { status, json } = await api('POST', '/webhook_endpoints', { webhook_endpoint: body });
    equal([status, json.errors[0].field], [422, field], JSON.stringify(body));
  }
  equal((await lago('POST', '/webhook_endpoints', { webhook_endpoint: { webhook_url: 'https://hooks.example/', signature_algo: 'jwt' } })).json.error_details, { signature_algo: ['not_supported'] }, 'jwt of Lago');
  for (const [method, path] of [['GET', ''], ['PUT', ''], ['DELETE', ''], ['POST', '/test'], ['POST', '/rotate_secret']]) {
    equal((await api(method, `/webhook_endpoints/${NOWHERE}${path}`, method === 'PUT' ? { webhook_endpoint: {} } : undefined)).status, 404, `${method} ${path}`);
  }
});

test('no address twice, and ten at most', async () => {
  const all = [];
  for (let i = 0; i < 10; i++) all.push(await endpoint(['plan.deleted']));
  const twice = await api('PUT', `/webhook_endpoints/${all[1].id}`, { webhook_endpoint: { webhook_url: receiver.url + all[0].path } });
  equal([twice.status, twice.json.errors[0].code], [422, 'value_already_exist'], 'an address that is taken');
  await must('PUT', `/webhook_endpoints/${all[0].id}`, { webhook_endpoint: { webhook_url: receiver.url + all[0].path, name: 'its own' } });
  const more = await api('POST', '/webhook_endpoints', { webhook_endpoint: { webhook_url: `${receiver.url}/more` } });
  equal([more.status, more.json.errors[0].code], [422, 'too_many_values'], 'the eleventh');
  equal((await must('GET', '/webhook_endpoints?per_page=4&page=3')).webhook_endpoints.map((one) => one.id), all.slice(8).map((one) => one.id), 'the third page');
  for (const one of all) await remove(one);
});

test('with an endpoint go its messages', async () => {
  const one = await endpoint(['customer.created']);
  receiver.set(one.path, 500);
  await customer();
  await noted(one, 'waiting');
  await remove(one);
  const { webhook, outbox, webhook_secret: secrets } = await rowsOf(database, 'webhook', 'outbox', 'webhook_secret');
  equal([webhook.length, outbox.filter((row) => row.topic.startsWith('webhook:')).length], [0, 0], 'what is left');
  equal(secrets.length <= 1, true, "secrets but the shared one"); // made by an earlier test
});

let passed = 0;
let failed = 0;
try {
  database = databaseNew();
  receiver = await Receiver.start();
  gateway = await startGateway();
  server = await Server.start(database, gateway.env);
  await server.setClock('2024-01-01T00:00:00Z');
  for (const { name, work } of tests.filter((one) => one.name.includes(ONLY))) {
    try {
      await work();
      passed++;
    } catch (error) {
      failed++;
      console.log(`FAILED ${name}: ${error.stack}`);
      for (const one of (await must('GET', '/webhook_endpoints')).webhook_endpoints) await remove(one);
    }
  }
  await server.stop();
  const found = await verify(database);
  if (found === '') passed++; else { failed++; console.log(`FAILED verify: ${found}`); }
} catch (error) {
  failed++;
  console.log(`FAILED: ${error.stack}`);
} finally {
  receiver?.stop();
  await gateway?.stop();
  cleanUp();
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);
