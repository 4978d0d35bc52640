// portal_world.mjs: a seller with customers and invoices of some months, made by the API, for the
// tests of the portal.
//
// Time is the test clock's.  Aurora has three invoices by 2 November 2026: the one of 1 September is
// paid, that of 1 October is overdue, that of 1 November is open.  Egress is graduated: the first
// 10,000 GB at 0.0450, the rest at 0.0348; hours of GPU are 3.90, the plan is 49.00, VAT 19 %:
//   1 September  49.00 +  4,000 x 0.0450 = 180.00                              + 120 x 3.90 = 468.00     = 697.00,   VAT 132.43
//   1 October    49.00 +  9,000 x 0.0450 = 405.00                              + 268 x 3.90 = 1,045.20   = 1,499.20, VAT 284.848
//   1 November   49.00 + 10,000 x 0.0450 + 3,480 x 0.0348 = 450.00 + 121.104   + 412.5 x 3.90 = 1,608.75 = 2,228.85, VAT 423.4815
import assert from 'node:assert/strict';

export const CUSTOMER = { external_id: 'aurora', name: 'Aurora Genomics AG', legal_name: 'Aurora Genomics AG', email: 'billing@aurora.example', country: 'DE', currency: 'EUR',
  address_line1: 'Lindwurmstraße 88', zipcode: '80337', city: 'München', tax_identification_number: 'DE298114630', timezone: 'Europe/Berlin' };
export const OTHER = { external_id: 'kestrel', name: 'Kestrel <b>Games</b>', email: 'pay@kestrel.example', country: 'DE', currency: 'EUR' };
export const NOBODY = { external_id: 'empty', name: 'Noch nichts KG', email: 'nobody@empty.example', country: 'DE', currency: 'EUR' };
export const START = '2026-08-01T00:00:00+02:00';

// GB of egress and hours of GPU by month; 1,000 GB and 10 hours of November have run.
const USED = [['2026-08-10', 4000, 120], ['2026-09-10', 9000, 268], ['2026-10-10', 13480, 412.5], ['2026-11-01', 1000, 10]];
// With VAT: 1 September, 1 October, 1 November.
export const TOTALS = [82943, 178405, 265233];
export const LAST_LINES = [4900, 57110, 160875]; // of 1 November: plan, egress, GPU

export const euros = (minor) => `€${(minor / 100).toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;

export function apiOf(base, key) {
  return async (method, path, body, wanted = [200, 201]) => {
    const answer = await fetch(`${base}/api/v1${path}`, { method, body: body && JSON.stringify(body),
      headers: { Authorization: `Bearer ${key}`, ...(body ? { 'Content-Type': 'application/json' } : {}) } });
    const text = await answer.text();
    assert.ok(wanted.includes(answer.status), `${method} ${path}: ${answer.status} ${text.slice(0, 400)}`);
    return text.startsWith('{') ? JSON.parse(text) : text;
  };
}

export const clockOf = (api) => (now, run_jobs = true) => api('PUT', '/test_clock', { test_clock: { now, run_jobs } });

async function subscribe(api, customer, id, plan, name) {
  await api('POST', '/customers', { customer });
  await api('POST', '/subscriptions', { subscription: { external_customer_id: customer.external_id, external_id: id, plan_code: plan, name, billing_time: 'calendar' } });
}

async function use(api, subscription, [day, gb, hours]) {
  const at = `${day}T12:00:00+01:00`;
  await api('POST', '/events/batch', { events: [
    { transaction_id: `${subscription}-${day}-gb`, external_subscription_id: subscription, code: 'egress', timestamp: at, properties: { gb: String(gb) } },
    { transaction_id: `${subscription}-${day}-h`, external_subscription_id: subscription, code: 'gpu', timestamp: at, properties: { hours: String(hours) } },
  ] });
}

// Leaves the clock at 2 November 2026, 09:00 in Berlin; {clock, invoices: {paid, overdue, open, other}}.
export async function makeWorld(api) {
  const clock = clockOf(api);
  await clock(START, false);
  await api('PUT', '/organizations', { organization: { name: 'Northwind Cloud', legal_name: 'Northwind Cloud GmbH', email: 'billing@northwind.example', country: 'DE', timezone: 'Europe/Berlin',
    net_payment_term: 14, document_number_prefix: 'BIL' } });
  await api('POST', '/taxes', { tax: { name: 'VAT', code: 'vat', rate: '19', applied_to_organization: true } });
  await api('POST', '/billable_metrics', { billable_metric: { name: 'Egress', code: 'egress', aggregation_type: 'sum_agg', field_name: 'gb' } });
  await api('POST', '/billable_metrics', { billable_metric: { name: 'GPU h100.1x', code: 'gpu', aggregation_type: 'sum_agg', field_name: 'hours' } });
  await api('POST', '/plans', { plan: { name: 'Compute', code: 'compute', interval: 'monthly', amount_cents: 4900, amount_currency: 'EUR', charges: [
    { billable_metric_code: 'egress', charge_model: 'graduated', invoice_display_name: 'Egress (2 tiers)', properties: { graduated_ranges: [
      { from_value: 0, to_value: 10000, per_unit_amount: '0.045', flat_amount: '0' }, { from_value: 10001, to_value: null, per_unit_amount: '0.0348', flat_amount: '0' }] } },
    { billable_metric_code: 'gpu', charge_model: 'standard', properties: { amount: '3.90' } }] } });
  await subscribe(api, CUSTOMER, 'atlas-prod', 'compute', 'Project atlas-prod');
  await subscribe(api, OTHER, 'kestrel-live', 'compute', null);
  await api('POST', '/customers', { customer: NOBODY });
  for (const [index, month] of USED.entries()) {
    await clock(`2026-${String(8 + index).padStart(2, '0')}-${index === 3 ? '01T12:30:00+01:00' : '11T00:00:00+02:00'}`);
    await use(api, 'atlas-prod', month);
    await use(api, 'kestrel-live', month);
    if (index === 1)
      await payByBank(api);
  }
  await clock('2026-11-02T09:00:00+01:00');
  const all = (await api('GET', '/invoices?per_page=100')).invoices.filter((one) => one.status === 'finalized');
  const of = (customer) => all.filter((one) => one.customer.external_id === customer).sort((a, b) => a.issuing_date.localeCompare(b.issuing_date));
  const [paid, overdue, open] = of('aurora');
  assert.deepEqual([paid, overdue, open].map((one) => one.total_amount_cents), TOTALS, 'the invoices that are expected');
  return { clock, invoices: { paid, overdue, open, other: of('kestrel')[2] } };
}

// Aurora pays its first invoice by transfer.
async function payByBank(api) {
  const { invoices } = await api('GET', '/invoices?external_customer_id=aurora');
  await api('POST', '/payments', { payment: { invoice_id: invoices[0].id, amount_cents: invoices[0].total_amount_cents, reference: 'Transfer 4711' } });
}
