#!/usr/bin/env node
// The published client of Lago's API (npm lago-javascript-client) against the Lago face: metric, plan,
// customer, webhooks, subscription, events, current usage, invoice, payment.  The figures are worked out beside.
//
//   BILLOW=build/billow node tests/contract/lago_client.mjs
import { Client, getLagoError } from 'lago-javascript-client';
import { lagoSignature, Receiver } from '../webhook/receiver.mjs';
import { Checks, KEY, startServer } from './server.mjs';

const checks = new Checks();
const server = await startServer();
const client = Client(KEY, { baseUrl: `${server.base}/lago/api/v1` });

// The client throws its answer where the status is no good one.
async function refusal(call) {
  try { await call; } catch (answer) { return getLagoError(answer); }
  return { status: 200 };
}

async function clock(now, run_jobs) {
  const answer = await fetch(`${server.base}/lago/api/v1/test_clock`, { method: 'PUT',
    headers: { Authorization: `Bearer ${KEY}`, 'Content-Type': 'application/json' }, body: JSON.stringify({ test_clock: { now, run_jobs } }) });
  checks.is(`the clock at ${now}`, answer.status, 200);
}

try {
  await clock('2024-01-01T00:00:00Z', false);
  await client.taxes.createTax({ tax: { name: 'VAT', code: 'vat', rate: '20', applied_to_organization: true } });
  const storage = (await client.billableMetrics.createBillableMetric({ billable_metric: { name: 'Storage', code: 'gb', aggregation_type: 'sum_agg', field_name: 'gb' } })).data.billable_metric;
  const calls = (await client.billableMetrics.createBillableMetric({ billable_metric: { name: 'Calls', code: 'calls', aggregation_type: 'count_agg' } })).data.billable_metric;
  checks.is('the metric', [storage.code, storage.aggregation_type, storage.field_name, storage.recurring], ['gb', 'sum_agg', 'gb', false]);
  const plan = (await client.plans.createPlan({ plan: { name: 'Basic', code: 'basic', interval: 'monthly', amount_cents: 1000, amount_currency: 'EUR', pay_in_advance: false,
    charges: [
      { billable_metric_id: storage.lago_id, charge_model: 'standard', pay_in_advance: false, invoiceable: true, properties: { amount: '0.5' } },
      { billable_metric_id: calls.lago_id, charge_model: 'graduated', properties: { graduated_ranges: [
        { from_value: 0, to_value: 10, flat_amount: '2', per_unit_amount: '1' }, { from_value: 11, to_value: null, flat_amount: '3', per_unit_amount: '0.5' }] } }] } })).data.plan;
  checks.is('the plan', [plan.code, plan.amount_cents, plan.charges.map((charge) => charge.charge_model)], ['basic', 1000, ['standard', 'graduated']]);
  const customer = (await client.customers.createCustomer({ customer: { external_id: 'acme', name: 'Acme', currency: 'EUR', timezone: 'Europe/Berlin', country: 'DE',
    billing_configuration: { invoice_grace_period: 0 } } })).data.customer;
  checks.is('the customer', [customer.external_id, customer.applicable_timezone, customer.lago_id.length], ['acme', 'Europe/Berlin', 36]);

  // Told of changes in Lago's form; a client that says nothing of the signature gets HMAC.
  const receiver = await Receiver.start();
  const { webhook_endpoint: endpoint } = (await client.webhookEndpoints.createWebhookEndpoint({ webhook_endpoint: { webhook_url: `${receiver.url}/lago`, name: 'Books', event_types: ['customer.updated', 'wallet.created'] } })).data;
  checks.is('the endpoint', [endpoint.signature_algo, endpoint.name, endpoint.event_types, endpoint.lago_organization_id.length], ['hmac', 'Books', ['customer.updated', 'wallet.created'], 36]);
  await client.customers.createCustomer({ customer: { external_id: 'acme', name: 'Acme Ltd' } });
  const [told] = await receiver.wait('/lago', 1);
  checks.is('what it is told', [JSON.parse(told.body).webhook_type, JSON.parse(told.body).customer.lago_id, JSON.parse(told.body).organization_id], ['customer.updated', customer.lago_id, endpoint.lago_organization_id]);
  checks.is('its signature', told.headers['x-lago-signature'], lagoSignature(endpoint.secret, told.body));
  checks.is('the endpoint changed', (await client.webhookEndpoints.updateWebhookEndpoint(endpoint.lago_id, { webhook_endpoint: { webhook_url: 'https://hooks.example/2' } })).data.webhook_endpoint.webhook_url, 'https://hooks.example/2');
  checks.is('the endpoint found', (await client.webhookEndpoints.findWebhookEndpoint(endpoint.lago_id)).data.webhook_endpoint.name, 'Books');
  await client.webhookEndpoints.destroyWebhookEndpoint(endpoint.lago_id);
  checks.is('no endpoint', (await client.webhookEndpoints.findAllWebhookEndpoints()).data.meta.total_count, 0);
  receiver.stop();

  // From the 11th: 21 of 31 days.
  await clock('2024-01-11T09:00:00Z', false);
  const subscription = (await client.subscriptions.createSubscription({ subscription: { external_customer_id: 'acme', external_id: 's1', plan_code: 'basic', billing_time: 'calendar' } })).data.subscription;
  checks.is('the subscription', [subscription.status, subscription.plan_code, subscription.lago_customer_id], ['active', 'basic', customer.lago_id]);
  await clock('2024-01-20T09:00:00Z', false);
  const event = (await client.events.createEvent({ event: { transaction_id: 't1', external_subscription_id: 's1', code: 'gb', timestamp: 1705500000, properties: { gb: 12.5 } } })).data.event;
  checks.is('the event', [event.transaction_id, event.lago_subscription_id, event.properties], ['t1', subscription.lago_id, { gb: 12.5 }]);
  const batch = Array.from({ length: 12 }, (_, i) => ({ transaction_id: `c${i}`, external_subscription_id: 's1', code: 'calls', timestamp: String(1705500000 + i) }));
  checks.is('the batch', (await client.events.createBatchEvents({ events: batch })).data.events.length, 12);
  checks.is('an event found', (await client.events.findEvent('c3')).data.event.code, 'calls');
  const repeat = await refusal(client.events.createEvent({ event: { transaction_id: 't1', external_subscription_id: 's1', code: 'gb', properties: { gb: 12.5 } } }));
  checks.is('a repeat', [repeat.status, repeat.code, repeat.error_details], [422, 'validation_errors', { transaction_id: ['value_already_exist'] }]);

  // 12.5 x 0.5 = 6.25; 2 + 10 x 1 + 3 + 2 x 0.5 = 16.00; 20% of 22.25 = 4.45.
  const usage = (await client.customers.findCustomerCurrentUsage('acme', { external_subscription_id: 's1' })).data.customer_usage;
  checks.is('current usage', [usage.amount_cents, usage.taxes_amount_cents, usage.total_amount_cents, usage.currency], [2225, 445, 2670, 'EUR']);
  checks.is('of each charge', usage.charges_usage.map((one) => [one.billable_metric.code, one.units, one.events_count, one.amount_cents]).sort(),
    [['calls', '12', 12, 1600], ['gb', '12.5', 1, 625]]);

  // 10.00 x 21 / 31 = 6.774 -> 6.77; 6.77 + 22.25 = 29.02; 20% = 5.804 -> 5.80; 34.82.
  await clock('2024-02-01T00:00:00Z', true);
  const listed = (await client.invoices.findAllInvoices({ external_customer_id: 'acme' })).data;
  checks.is('one invoice', [listed.invoices.length, listed.meta.total_count], [1, 1]);
  const { invoice } = (await client.invoices.findInvoice(listed.invoices[0].lago_id)).data;
  checks.is('the invoice', [invoice.status, invoice.payment_status, invoice.issuing_date, invoice.fees_amount_cents, invoice.taxes_amount_cents, invoice.total_amount_cents],
    ['finalized', 'pending', '2024-02-01', 2902, 580, 3482]);
  checks.is('its fees', invoice.fees.map((fee) => [fee.item.type, fee.item.code, fee.units, fee.amount_cents]).sort(),
    [['charge', 'calls', '12', 1600], ['charge', 'gb', '12.5', 625], ['subscription', 'basic', '1', 677]]);
  checks.is('its tax', invoice.applied_taxes.map((tax) => [tax.tax_code, tax.tax_rate, tax.amount_cents]), [['vat', 20, 580]]);

  const payment = (await client.payments.createPayment({ payment: { invoice_id: invoice.lago_id, amount_cents: 3482, reference: 'bank 1', paid_at: '2024-01-31' } })).data.payment;
  checks.is('the payment', [payment.amount_cents, payment.amount_currency], [3482, 'EUR']);
  checks.is('paid', (await client.invoices.findInvoice(invoice.lago_id)).data.invoice.payment_status, 'succeeded');
  const ended = (await client.subscriptions.destroySubscription('s1')).data.subscription;
  checks.is('the end', ended.status, 'terminated');

  const missing = await refusal(client.customers.findCustomer('nobody'));
  checks.is('what is not there', [missing.status, missing.code], [404, 'customer_not_found']);
  const stranger = await refusal(Client('wrong', { baseUrl: `${server.base}/lago/api/v1` }).plans.findAllPlans());
  checks.is('a wrong key', [stranger.status, stranger.error], [401, 'Unauthorized']);
} finally {
  await server.stop();
}
checks.end();
