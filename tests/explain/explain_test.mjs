#!/usr/bin/env node
// Every kind of fee, of customers in three zones and currencies, over half a year with late usage and
// corrected vendor bills: each explanation is recomputed step by step (tests/scenarios/explain.mjs).
//
//   BILLOW=build/billow node tests/explain/explain_test.mjs POSTGRES-DATABASE
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Checks, BILLOW, KEY, startServer } from '../contract/server.mjs';
import { check, evaluate, parse, problemsOf } from '../scenarios/explain.mjs';

const checks = new Checks();
const COSTS = new URL('../data/cost/', import.meta.url).pathname;

// ---- the evaluator itself: it must find fault -----------------------------------------------------
const fraction = (op, inputs) => evaluate(op, inputs).join('/');
checks.is('precedence', fraction('1 + 2 * 3 - 4 / 8', {}), '13/2');
checks.is('parentheses and names', fraction('(units - free_units) * rate / 100', { units: '10.5', free_units: '0.5', rate: '-1.5' }), '-3/20');
checks.is('half away from zero', [fraction('round(2.345, 2)', {}), fraction('round(0 - 2.345, 2)', {}), fraction('round(1250, 0 - 2)', {})], ['47/20', '-47/20', '1300/1']);
checks.is('up and down', [fraction('ceil(0 - 1.5, 0)', {}), fraction('floor(0 - 1.5, 0)', {}), fraction('ceil(1.21, 1)', {}), fraction('max(1, min(3, 2))', {})], ['-1/1', '-2/1', '13/10', '2/1']);
for (const op of ['1 +', '1 2', 'units', '1 / 0', 'round(1)', 'constructor', '(1', 'eval(1, 2)']) {
  let failed = false;
  try { evaluate(op, {}); } catch { failed = true; }
  checks.is(`${op} is refused`, failed, true);
}
const steps = [
  { text: 'a', inputs: { op: 'events', events: '12' }, kind: 'quantity', result: '12' },
  { text: 'b', inputs: { op: 'quantity * price', quantity: '12', price: '0.505' }, result: '6.06' },
  { text: 'c', inputs: { op: 'round(subtotal, decimals)', subtotal: '6.06', decimals: '1' }, kind: 'total', result: '6.1' }];
const changed = (index, change) => problemsOf(steps.map((step, i) => (i === index ? { ...step, ...change } : step)), parse('6.1')).length > 0;
checks.is('right steps', problemsOf(steps, parse('6.1')), []);
checks.is('another amount', problemsOf(steps, parse('6.11')).length, 1);
checks.is('another result', changed(1, { result: '6.07' }), true);
checks.is('another quantity', changed(1, { inputs: { op: 'quantity * price', quantity: '6', price: '1.01' } }), true);
checks.is('another subtotal', changed(2, { inputs: { op: 'round(subtotal, decimals)', subtotal: '6.1', decimals: '1' } }), true);
checks.is('a number that is no text', changed(0, { inputs: { op: 'events', events: 12 } }), true);
checks.is('an unknown kind', changed(0, { kind: 'money' }), true);
checks.is('no steps', problemsOf([], parse('0')).length, 1);

// ---- a provider with everything -------------------------------------------------------------------
const filters = [{ key: 'size', values: ['small', 'large'] }, { key: 'region', values: ['eu', 'us'] }];
const METRICS = {
  count: { aggregation_type: 'count_agg' },
  sum: { aggregation_type: 'sum_agg', field_name: 'v', filters },
  max: { aggregation_type: 'max_agg', field_name: 'v' },
  min: { aggregation_type: 'min_agg', field_name: 'v', rounding_function: 'floor', rounding_precision: 0 },
  latest: { aggregation_type: 'latest_agg', field_name: 'v' },
  average: { aggregation_type: 'average_agg', field_name: 'v' },
  average_up: { aggregation_type: 'average_agg', field_name: 'v', rounding_function: 'ceil', rounding_precision: 1 },
  unique: { aggregation_type: 'unique_count_agg', field_name: 'u' },
  percentile: { aggregation_type: 'percentile_agg', field_name: 'v', percentile: '95', slot_seconds: 3600 },
  weighted: { aggregation_type: 'weighted_sum_agg', field_name: 'v', weighted_interval: 'seconds', rounding_function: 'round', rounding_precision: 3 },
  disks: { aggregation_type: 'weighted_sum_agg', field_name: 'v', weighted_interval: 'seconds', recurring: true },
  seats: { aggregation_type: 'unique_count_agg', field_name: 'u', recurring: true, filters },
  stock: { aggregation_type: 'sum_agg', field_name: 'd', recurring: true },
  power: { aggregation_type: 'sum_agg', expression: 'event.properties.v * 24', rounding_function: 'ceil', rounding_precision: -1 },
};
const range = (from_value, to_value, more) => ({ from_value, to_value, flat_amount: '0.335', ...more });
const CHARGES = [
  ['count', 'standard', { amount: '0.0145' }],
  ['count', 'graduated', { graduated_ranges: [range(0, 3, { per_unit_amount: '1.005' }), range(4, 5, { per_unit_amount: '0.5' }), range(6, null, { per_unit_amount: '0.125' })] }],
  ['sum', 'volume', { volume_ranges: [range(0, 100, { per_unit_amount: '0.2' }), range(101, null, { per_unit_amount: '0.105' })] }],
  ['sum', 'package', { amount: '1.1', free_units: 7, package_size: 25 }],
  ['sum', 'percentage', { rate: '1.3', fixed_amount: '0.2', free_units_per_events: 2, free_units_per_total_aggregation: '50', per_transaction_min_amount: '0.3', per_transaction_max_amount: '0.7' }],
  ['sum', 'percentage', { rate: '0.7', fixed_amount: '0.05' }],
  ['sum', 'graduated_percentage', { graduated_percentage_ranges: [range(0, 50, { rate: '5' }), range(51, null, { rate: '2.5' })] }],
  ['sum', 'dynamic', {}],
  ['max', 'capacity', { capacity: '20', amount: '8', overage_amount: '1.255' }],
  ['sum', 'time_of_use', { amount: '0.30', windows: [{ name: 'peak: day', weekdays: [1, 2, 3, 4, 5], from_hour: 8, to_hour: 20, amount: '0.505' }] }],
  ['sum', 'price_table', { row_key: 'size', column_key: 'region', rows: ['small', 'large'], columns: ['eu', 'us'], amounts: [['1.1', '1.2'], ['2.15', '2.3']], amount: '0.5' }],
  ...['max', 'min', 'latest', 'average', 'average_up', 'unique', 'percentile', 'weighted', 'disks', 'seats', 'stock', 'power'].map((code) => [code, 'standard', { amount: '0.777' }]),
  ['count', 'standard', { amount: '0.4' }, { min_amount_cents: 100000 }],
  ['unique', 'standard', { amount: '30' }, { max_amount_cents: 4000, tax_codes: ['low'] }],
  ['sum', 'graduated', { graduated_ranges: [range(0, 50, { per_unit_amount: '0.105' }), range(51, null, { per_unit_amount: '0.5' })] }, {
    min_amount_cents: 2000, max_amount_cents: 3000, filters: [
      { values: { size: ['small'] }, properties: { graduated_ranges: [range(0, null, { per_unit_amount: '0.0335' })] } },
      { values: { size: ['__ALL_FILTER_VALUES__'], region: ['eu'] }, invoice_display_name: 'Europe', properties: { graduated_ranges: [range(0, 10, { per_unit_amount: '0.2' }), range(11, null, { per_unit_amount: '0.1' })] } }] }],
  ['seats', 'standard', { amount: '1' }, { filters: [{ values: { region: ['eu'] }, properties: { amount: '2.505' } }] }],
  ['sum', 'percentage', { rate: '1.1' }, { filters: [{ values: { size: ['large'] }, properties: { rate: '2', fixed_amount: '0.3', free_units_per_events: 1 } }] }],
];

let seed = 20240117;
const random = (below) => { seed = (seed * 1103515245 + 12345) % 2147483648; return Math.floor((seed / 2147483648) * below); };

async function tell(engine, database) {
  const server = await startServer({}, database);
  const folder = mkdtempSync(join(tmpdir(), 'billow-explain-'));
  const send = async (method, path, body, wanted = [200, 201]) => {
    const answer = await fetch(`${server.base}/api/v1${path}`, {
      method, headers: { Authorization: `Bearer ${KEY}`, ...(body && { 'Content-Type': 'application/json' }) }, body: body && JSON.stringify(body) });
    const text = await answer.text();
    if (!wanted.includes(answer.status)) throw new Error(`${method} ${path}: ${answer.status} ${text.slice(0, 500)}`);
    return text === '' ? null : JSON.parse(text);
  };
  const get = (path) => send('GET', path);
  const post = (path, body) => send('POST', path, body);
  const clock = (now, run_jobs = true) => send('PUT', '/test_clock', { test_clock: { now, run_jobs } });
  let events = 0;
  // Usage of a month, of every metric; `late` is what comes after it was billed.
  const use = async (subscription, month, count, late = '') => {
    const list = [];
    for (const code of Object.keys(METRICS)) {
      for (let i = 0; i < count; i++) {
        const day = String(1 + random(28)).padStart(2, '0');
        const time = `${String(random(24)).padStart(2, '0')}:${String(random(60)).padStart(2, '0')}:${String(random(60)).padStart(2, '0')}`;
        list.push({
          transaction_id: `e${++events}${late}`, external_subscription_id: subscription, code, timestamp: `${month}-${day}T${time}Z`, precise_total_amount_cents: `${random(500)}.125`,
          properties: { v: (random(400) / 8).toString(), u: `u${random(6)}`, d: random(9) - 4, size: ['small', 'large', 'huge'][random(3)], region: ['eu', 'us'][random(2)], operation_type: random(4) ? 'add' : 'remove' },
        });
      }
    }
    for (let i = 0; i < list.length; i += 100) await post('/events/batch', { events: list.slice(i, i + 100) });
  };

  await clock('2024-01-01T00:00:00Z');
  await post('/taxes', { tax: { name: 'VAT', code: 'vat', rate: '8.875', applied_to_organization: true } });
  await post('/taxes', { tax: { name: 'Low', code: 'low', rate: '7' } });
  await post('/taxes', { tax: { name: 'Own', code: 'own', rate: '2.125' } });
  for (const [code, metric] of Object.entries(METRICS)) await post('/billable_metrics', { billable_metric: { name: code, code, ...metric } });
  const charges = CHARGES.map(([billable_metric_code, charge_model, properties, more], i) => ({ code: `charge-${i}`, billable_metric_code, charge_model, properties, ...more }));
  const plan = (code, more) => post('/plans', { plan: { name: code, code, interval: 'monthly', amount_cents: 3100, amount_currency: 'EUR', charges, ...more } });
  await plan('all');
  await plan('yen', { amount_currency: 'JPY', proration: 'fixed_30' });
  await plan('dinar', { amount_currency: 'KWD', pay_in_advance: true, tax_codes: ['low', 'own'], charges: charges.slice(0, 12) });
  await plan('year', { interval: 'yearly', amount_cents: 100000, bill_charges_monthly: true, proration: 'none', charges: charges.slice(0, 3) });
  const customer = (external_id, currency, timezone, more = {}) => post('/customers', { customer: { external_id, name: external_id, currency, timezone, ...more } });
  await customer('c-eur', 'EUR', 'Europe/Berlin');
  await customer('c-jpy', 'JPY', 'Asia/Tokyo', { tax_codes: ['own'] });
  await customer('c-kwd', 'KWD', 'America/Bogota');
  await customer('c-year', 'EUR', 'UTC');
  await customer('c-draft', 'EUR', 'UTC', { billing_configuration: { invoice_grace_period: 60 } });
  const subscribe = (external_customer_id, external_id, plan_code, billing_time = 'calendar') => post('/subscriptions', { subscription: { external_customer_id, external_id, plan_code, billing_time } });
  await clock('2024-01-10T09:00:00Z');
  await subscribe('c-eur', 's-eur', 'all');
  await subscribe('c-jpy', 's-jpy', 'yen', 'anniversary');
  await subscribe('c-kwd', 's-kwd', 'dinar');
  await subscribe('c-year', 's-year', 'year');
  await subscribe('c-draft', 's-draft', 'all');
  // The vendor's bill of January, by three rules; some of it is a credit.
  await post('/vendor_accounts', { vendor_account: { external_customer_id: 'c-eur', provider_name: 'Acme', sub_account_id: 'a1' } });
  await post('/vendor_accounts', { vendor_account: { external_customer_id: 'c-draft', provider_name: 'Acme', sub_account_id: 'b2' } });
  const rule = (code, method, percent, more) => post('/resale_rules', { resale_rule: { code, name: code, method, percent, valid_from_at: '2024-01-01T00:00:00Z', ...more } });
  await rule('margin', 'margin', '7.3', {});
  await rule('markup', 'markup', '12.5', { service_name: 'VM' });
  await rule('off-list', 'discount', '5', { service_name: 'Disk', cost_column: 'list_cost' });
  const bill = readFileSync(`${COSTS}costs-a.csv`, 'utf8').trimEnd();
  const importBill = (name, text) => { writeFileSync(join(folder, name), text); server.command('import', 'focus', '--source', 'acme', join(folder, name)); };
  const credit = bill.split('\n')[1].replace('10.00', '-4.445').replace('VM', 'Refund').replace('Usage', 'Credit');
  importBill('january.csv', `${bill}\n${credit}\n`);

  for (const s of ['s-eur', 's-jpy', 's-kwd', 's-year', 's-draft']) { await use(s, '2024-01', 4); await use(s, '2024-02', 9); }
  await clock('2024-02-03T00:00:00Z');
  await clock('2024-03-03T00:00:00Z');
  // What came late, for January and February; and the vendor's bill again, which now says something else.
  for (const s of ['s-eur', 's-jpy', 's-kwd']) { await use(s, '2024-01', 1, 'late'); await use(s, '2024-02', 2, 'late'); }
  await clock('2024-03-20T00:00:00Z');
  importBill('again.csv', `${bill.replace('2.345', '3.205').replaceAll(',VM,a1', ',GPU,a1')}\n`);
  await use('s-eur', '2024-03', 3);
  await clock('2024-04-03T00:00:00Z');
  await clock('2024-04-03T12:00:00Z', false); // ids of two processes tell no order while the clock stands
  importBill('third.csv', `${bill.replace('10.00', '7.115')}\n`);
  await use('s-eur', '2024-02', 1, 'later');
  await send('DELETE', '/subscriptions/s-jpy');
  await clock('2024-04-20T00:00:00Z');
  await send('DELETE', '/subscriptions/s-year');
  await clock('2024-05-03T00:00:00Z');

  // ---- each fee ------------------------------------------------------------------------------------
  const fees = [];
  for (let page = 1; page; ) {
    const list = await get(`/fees?per_page=100&page=${page}`);
    fees.push(...list.fees);
    page = list.meta.next_page;
  }
  const seen = { models: new Set(), aggregations: new Set(), sources: new Set(), methods: new Set(), corrections: 0, trueUps: 0, negative: 0, resaleCorrections: 0, lowered: 0, leftOver: 0, filters: 0, drafts: 0 };
  for (const fee of fees) {
    const { explanation } = await get(`/fees/${fee.id}/explanation`);
    checks.is(`${engine}: ${fee.id} ${fee.item.code}`, check(explanation, fee), []);
    checks.is(`${engine}: ${fee.id}: what is recomputed`, [explanation.recomputed_precise_amount, explanation.recomputed_units, explanation.recomputed_events_count],
      [explanation.precise_amount, explanation.units, explanation.events_count]);
    seen.models.add(explanation.charge?.charge_model);
    seen.aggregations.add(explanation.billable_metric?.aggregation_type);
    seen.methods.add(explanation.resale_rule?.method);
    for (const tax of explanation.taxes) seen.sources.add(tax.source);
    seen.corrections += explanation.is_correction && explanation.charge ? 1 : 0;
    seen.resaleCorrections += explanation.is_correction && explanation.resale_rule ? 1 : 0;
    seen.trueUps += explanation.is_true_up ? 1 : 0;
    seen.negative += fee.amount_cents < 0 ? 1 : 0;
    seen.leftOver += explanation.steps.some((step) => 'other_lines' in step.inputs) ? 1 : 0;
    seen.filters += fee.charge_filter_id ? 1 : 0;
    seen.lowered += explanation.steps.some((step) => step.text.startsWith('lowered to the maximum')) ? 1 : 0;
    seen.drafts += explanation.invoice_number === null ? 1 : 0;
  }
  const words = (set) => [...set].filter(Boolean).sort();
  checks.is(`${engine}: all charge models`, words(seen.models), [...new Set(CHARGES.map(([, model]) => model))].sort());
  checks.is(`${engine}: all aggregations`, words(seen.aggregations), [...new Set(Object.values(METRICS).map((metric) => metric.aggregation_type))].sort());
  checks.is(`${engine}: all methods of resale`, words(seen.methods), ['discount', 'margin', 'markup']);
  checks.is(`${engine}: all sources of taxes`, words(seen.sources), ['billing_entity', 'charge', 'customer', 'plan']);
  for (const kind of ['corrections', 'resaleCorrections', 'trueUps', 'negative', 'lowered', 'leftOver', 'filters', 'drafts']) checks.is(`${engine}: there are ${kind}`, seen[kind] > 0, true);
  checks.is(`${engine}: there is much`, fees.length > 300, true);

  // ---- on the command line -------------------------------------------------------------------------
  const billow = (...args) => { const done = spawnSync(BILLOW, [...args, '--database', server.database], { encoding: 'utf8' }); return [done.status, done.stdout + done.stderr]; };
  const one = fees.find((fee) => fee.item.type === 'charge' && fee.amount_cents > 0);
  const { explanation } = await get(`/fees/${one.id}/explanation`);
  const [status, json] = billow('explain', one.id, '--json');
  checks.is(`${engine}: the command says what the API says`, [status, JSON.parse(json).explanation], [0, explanation]);
  const all = billow('explain', explanation.invoice_number);
  const siblings = fees.filter((fee) => fee.invoice_id === one.invoice_id).length;
  checks.is(`${engine}: an invoice`, [all[0], all[1].split('\n').filter((line) => line.startsWith('  matches: ')).length], [0, siblings]);
  checks.is(`${engine}: an invoice as JSON`, JSON.parse(billow('explain', '--json', explanation.invoice_number)[1]).explanations.length, siblings);
  checks.is(`${engine}: no such invoice`, billow('explain', 'NONE-1')[1].includes('NONE-1'), true);
  checks.is(`${engine}: nothing asked`, billow('explain')[0], 2);

  // ---- what does not fit is told -------------------------------------------------------------------
  const sql = (text) => (engine === 'SQLite'
    ? execFileSync('python3', ['-c', 'import sqlite3, sys; d = sqlite3.connect(sys.argv[1]); d.execute(sys.argv[2]); d.commit()', server.database.replace('sqlite:', ''), text])
    : execFileSync('psql', ['-qd', server.database, '-c', text]));
  const id = engine === 'SQLite' ? `x'${one.id.replaceAll('-', '')}'` : `'${one.id}'`;
  sql(`UPDATE fee SET amount_minor = amount_minor + 1 WHERE id = ${id}`);
  const wrong = (await get(`/fees/${one.id}/explanation`)).explanation;
  checks.is(`${engine}: both amounts are told`, [wrong.matches, wrong.amount_cents, wrong.recomputed_amount_cents], [false, one.amount_cents + 1, one.amount_cents]);
  checks.is(`${engine}: its steps are right all the same`, check({ ...wrong, matches: true, amount_cents: one.amount_cents }, one), []);
  const told = billow('explain', one.id);
  checks.is(`${engine}: the command, too`, [told[0], told[1].includes('DOES NOT MATCH')], [1, true]);
  sql(`UPDATE fee SET once_key = 'charge:none' WHERE id = ${id}`);
  const lost = (await get(`/fees/${one.id}/explanation`)).explanation;
  checks.is(`${engine}: of nothing`, [lost.matches, lost.recomputed_amount_cents, lost.steps], [false, null, []]);
  await server.stop();
  rmSync(folder, { recursive: true });
}

await tell('SQLite');
await tell('PostgreSQL', process.argv[2]);
checks.end();
