#!/usr/bin/env node
// Walks through every operation of both faces: a first month, told in calls.
//
//   BILLOW=build/billow node tests/contract/walk.mjs
//
// What is checked here are statuses, and the few figures that are worked out beside them; record.cjs
// and check.mjs look at the form of every answer.
import { createHash } from 'node:crypto';
import { request } from 'node:http';
import { check as explain, major, problemsOf } from '../scenarios/explain.mjs';
import { Checks, KEY, startGateway, startServer } from './server.mjs';

const checks = new Checks();
const COSTS = new URL('../data/cost/costs-a.csv', import.meta.url).pathname;
const PREFIX = { native: '/api/v1', lago: '/lago/api/v1' };

// A card entered at a hosted page.
const payAt = (url, number) => new Promise((resolve, reject) => {
  const body = new URLSearchParams({ number, expiry: '12/34', cvc: '123', name: 'Ada', do: 'pay' }).toString();
  request(url, { method: 'POST', headers: { 'Content-Type': 'application/x-www-form-urlencoded', 'Content-Length': body.length } },
    (answer) => { answer.resume(); answer.on('end', () => resolve(answer.statusCode)); }).on('error', reject).end(body);
});

async function walk(face) {
  const gateway = await startGateway();
  const server = await startServer(gateway.env);
  const send = async (method, path, body, wanted) => {
    const answer = await fetch(server.base + PREFIX[face] + path, {
      method,
      headers: { Authorization: `Bearer ${KEY}`, ...(body ? { 'Content-Type': 'application/json' } : {}) },
      body: body && JSON.stringify(body),
    });
    const text = await answer.text();
    if (answer.status !== wanted) checks.is(`${face} ${method} ${path}: ${text.slice(0, 300)}`, answer.status, wanted);
    else checks.passed++;
    return text === '' ? null : JSON.parse(text);
  };
  // A body of another content type than JSON.
  const sendAs = async (type, path, body, wanted = 200) => {
    const answer = await fetch(server.base + PREFIX[face] + path, {
      method: 'POST', headers: { Authorization: `Bearer ${KEY}`, 'Content-Type': type }, body,
    });
    checks.is(`${face} POST ${path} as ${type}`, answer.status, wanted);
    return answer.json();
  };
  const get = (path, wanted = 200) => send('GET', path, undefined, wanted);
  const put = (path, body, wanted = 200) => send('PUT', path, body, wanted);
  const made = face === 'native' ? 201 : 200;
  const post = (path, body, wanted = made) => send('POST', path, body, wanted);
  const del = (path, wanted = 200, body = undefined) => send('DELETE', path, body, wanted);
  const idOf = (object) => object[face === 'native' ? 'id' : 'lago_id'];
  const clock = (now, run_jobs = false) => put('/test_clock', { test_clock: { now, run_jobs } });

  try {
    await clock('2024-01-01T00:00:00Z');
    await get('/test_clock');

    // The provider and its catalogue.
    await put('/organizations', { organization: { name: 'Cloud Ltd.', email: 'billing@cloud.example', country: 'DE', timezone: 'UTC', tax_codes: [] } });
    await put('/organizations', { organization: { country: 'XX' } }, 422);
    await get('/organizations');
    await post('/taxes', { tax: { name: 'VAT', code: 'vat', rate: '20', description: 'standard rate', applied_to_organization: true } });
    await post('/taxes', { tax: { name: 'VAT', code: 'vat', rate: '20' } }, 422);
    await get('/taxes');
    await get('/taxes/vat');
    await get('/taxes/none', 404);
    await post('/billing_entities', { billing_entity: { code: 'fr', name: 'Cloud SAS', legal_name: 'Cloud SAS', email: 'a@cloud.example', country: 'FR', timezone: 'Europe/Paris',
      default_currency: 'EUR', document_numbering: 'per_billing_entity', document_number_prefix: 'FR', net_payment_term: 10, finalize_zero_amount_invoice: false,
      iban: 'FR14 2004 1010 0505 0001 3m02 606', bic: 'PSSTFRPPPAR', bank_name: 'La Banque', account_holder: 'Cloud SAS',
      address_line1: '12 rue de Rivoli', address_line2: 'Bâtiment B', city: 'Paris', state: 'Île-de-France', zipcode: '75001', legal_number: 'RCS Paris 552 100 554', tax_identification_number: 'FR 40 303265045',
      tax_codes: ['vat'], billing_configuration: { invoice_grace_period: 3, document_locale: 'fr' } } });
    await put('/billing_entities/fr', { billing_entity: { iban: 'FR15 2004 1010 0505 0001 3m02 606' } }, 422);
    await put('/organizations', { organization: { iban: null, bic: null, bank_name: null, account_holder: null, billing_configuration: { document_locale: 'en' } } });
    await post('/billing_entities', { billing_entity: { code: 'fr' } }, 422);
    await get('/billing_entities');
    await get('/billing_entities/fr');
    checks.is(`${face} where the seller is`, Object.entries((await put('/billing_entities/fr', { billing_entity: { name: 'Cloud France', address_line2: null } })).billing_entity).filter(([name]) => /address|city|zipcode|number$/.test(name)).map(([, value]) => value).join('|'),
      '12 rue de Rivoli||Paris|75001|RCS Paris 552 100 554|FR 40 303265045');
    await put('/billing_entities/fr', { billing_entity: { timezone: 'Mars/Olympus' } }, 422);
    const svg = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 2"><path d="M0 0h4v2z"/></svg>';
    const logo = async (method, type, body) => {
      const answer = await fetch(`${server.base}${PREFIX[face]}/billing_entities/fr/logo`, { method, headers: { Authorization: `Bearer ${KEY}`, ...(type && { 'Content-Type': type }) }, body });
      return [answer.status, answer.headers.get('content-type'), await answer.text()];
    };
    await get('/billing_entities/fr/logo', 404);
    checks.is(`${face} a logo is taken`, (await logo('PUT', 'image/svg+xml', svg))[0], 200);
    checks.is(`${face} a logo with a script is not`, (await logo('PUT', 'image/svg+xml', svg.replace('<path', '<script/><path')))[0], 422);
    checks.is(`${face} a logo is an SVG or a PNG`, (await logo('PUT', 'image/gif', 'GIF89a'))[0], 415);
    checks.is(`${face} a logo is bounded`, (await logo('PUT', 'image/svg+xml', svg + ' '.repeat(262144)))[0], 413);
    checks.is(`${face} the logo`, await logo('GET'), [200, 'image/svg+xml', svg]);
    const shown = (await get('/billing_entities/fr')).billing_entity.logo_url;
    checks.is(`${face} the logo's address`, new URL(shown).pathname, `/logos/${createHash('sha256').update(svg).digest('hex')}`);
    const page = await fetch(`${server.base}${new URL(shown).pathname}`);
    checks.is(`${face} the logo for pages`, [page.status, page.headers.get('content-type'), page.headers.get('content-security-policy').startsWith("default-src 'none'"), await page.text()],
      [200, 'image/svg+xml', true, svg]);
    checks.is(`${face} no such logo`, (await fetch(`${server.base}/logos/${'0'.repeat(64)}`)).status, 404);
    checks.is(`${face} no logo's address`, (await fetch(`${server.base}/logos/none`)).status, 404);
    await del('/billing_entities/fr/logo');
    await del('/billing_entities/fr/logo', 404);
    // a PNG of one pixel, black
    const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==';
    await put('/billing_entities/fr', { billing_entity: { logo: `data:image/png;base64,${png}` } });
    checks.is(`${face} a logo by data URL`, (await logo('GET')).slice(0, 2), [200, 'image/png']);
    await put('/billing_entities/fr', { billing_entity: { logo: 'data:image/gif;base64,R0lGODlh' } }, 422);
    await put('/billing_entities/fr', { billing_entity: { logo: 'https://cloud.example/logo.png' } }, 422);
    await put('/billing_entities/fr', { billing_entity: { logo: null } });
    await get('/billing_entities/fr/logo', 404);
    await post('/billable_metrics', { billable_metric: { name: 'Storage', code: 'gb', description: 'GB', aggregation_type: 'sum_agg', field_name: 'gb' } });
    await post('/billable_metrics', { billable_metric: { name: 'Calls', code: 'calls', aggregation_type: 'count_agg' } });
    await post('/billable_metrics', { billable_metric: { name: 'x', code: 'x', aggregation_type: 'sum_agg' } }, 422);
    await get('/billable_metrics');
    await get('/billable_metrics/gb');
    const power = { name: 'Power', code: 'power', description: 'd', aggregation_type: 'sum_agg', field_name: null, expression: 'event.properties.w * 24', rounding_function: 'ceil', rounding_precision: -1 };
    await post('/billable_metrics', { billable_metric: power });
    await put('/billable_metrics/power', { billable_metric: { ...power, name: 'Energy', code: 'energy', aggregation_type: 'max_agg', rounding_precision: 2 } });
    await put('/billable_metrics/energy', { billable_metric: { expression: '1 +' } }, 422);
    await put('/billable_metrics/none', { billable_metric: { name: 'N' } }, 404);
    await del('/billable_metrics/energy');
    await del('/billable_metrics/energy', 404);
    const disk = { name: 'Disk', code: 'disk', aggregation_type: 'weighted_sum_agg', field_name: 'gb', recurring: true, weighted_interval: 'seconds' };
    const kept = (await post('/billable_metrics', { billable_metric: disk })).billable_metric;
    checks.is(`${face}: a stock by the second`, [kept.recurring, kept.weighted_interval, kept.percentile, kept.slot_seconds], [true, 'seconds', null, null]);
    await put('/billable_metrics/disk', { billable_metric: { recurring: false, weighted_interval: null } });
    const burst = (await put('/billable_metrics/disk', { billable_metric: { aggregation_type: 'percentile_agg', percentile: '99.9', slot_seconds: 60 } })).billable_metric;
    checks.is(`${face}: a percentile`, [burst.aggregation_type, burst.weighted_interval, burst.percentile, burst.slot_seconds], ['percentile_agg', null, '99.9', 60]);
    const mean = (await put('/billable_metrics/disk', { billable_metric: { aggregation_type: 'average_agg' } })).billable_metric;
    checks.is(`${face}: an average`, [mean.aggregation_type, mean.percentile, mean.slot_seconds], ['average_agg', null, null]);
    await put('/billable_metrics/disk', { billable_metric: { aggregation_type: 'min_agg' } });
    await del('/billable_metrics/disk');
    const trial = { expression: 'round(event.properties.seconds / 60, 1)', event: { code: 'cpu', timestamp: 1700000000, properties: { seconds: 100 } } };
    checks.is(`${face}: an expression`, (await post('/billable_metrics/evaluate_expression', trial, 200)).expression_result, { value: '1.7' }); // 1.666…
    await post('/billable_metrics/evaluate_expression', { ...trial, expression: 'event.properties.seconds / 0' }, 422);
    await post('/billable_metrics/evaluate_expression', { ...trial, expression: 'event.properties.none' }, 422);
    const seats = { name: 'Seats', code: 'seats', invoice_display_name: 'Seats of your team', description: 'd', amount_cents: 1000, amount_currency: 'EUR', tax_codes: ['vat'] };
    await post('/add_ons', { add_on: seats });
    await post('/add_ons', { add_on: seats }, 422);
    await post('/add_ons', { add_on: { ...seats, code: 'desks', tax_codes: [] } });
    await put('/add_ons/desks', { add_on: { name: 'Desks', code: 'desk', invoice_display_name: null, description: null, amount_cents: 2000, amount_currency: 'USD', tax_codes: ['vat'] } });
    await put('/add_ons/none', { add_on: { name: 'x' } }, 404);
    await get('/add_ons');
    const seat = idOf((await get('/add_ons/seats')).add_on);
    await del('/add_ons/desk');
    await del('/add_ons/desk', 404);
    const team = { name: 'Team', code: 'team', interval: 'yearly', amount_cents: 0, amount_currency: 'EUR', bill_fixed_charges_monthly: true,
      fixed_charges: [
        { add_on_id: seat, code: 'seats', charge_model: 'standard', units: '10', pay_in_advance: true, prorated: true, invoice_display_name: 'Team seats', properties: { amount: '10' }, tax_codes: ['vat'] },
        { add_on_code: 'seats', charge_model: 'volume', units: 3, properties: { volume_ranges: [{ from_value: 0, to_value: null, per_unit_amount: '2', flat_amount: '1' }] } }] };
    const made = (await post('/plans', { plan: team })).plan;
    checks.is(`${face}: fixed charges`, made.fixed_charges.map((one) => [one.code, one.add_on_code, one.units]), [['seats', 'seats', '10'], ['seats_2', 'seats', '3']]);
    await post('/plans', { plan: { ...team, code: 'bad', fixed_charges: [{ add_on_code: 'none', charge_model: 'package', units: '1', properties: { amount: '1', package_size: 2 } }] } }, 422);
    await put('/plans/team', { plan: { bill_fixed_charges_monthly: false, fixed_charges: [{ [face === 'native' ? 'id' : 'lago_id']: idOf(made.fixed_charges[0]), units: '12', apply_units_immediately: true }] } });
    await put('/plans/team', { plan: { fixed_charges: [{ code: 'seats', pay_in_advance: false }] } }, 422);
    await get('/plans/team/fixed_charges');
    checks.is(`${face}: a fixed charge`, (await get('/plans/team/fixed_charges/seats')).fixed_charge.units, '12');
    await get('/plans/team/fixed_charges/seats_2', 404);
    await get('/plans/none/fixed_charges', 404);
    await del('/add_ons/seats', 405);
    await post('/customers', { customer: { external_id: 'teams', currency: 'EUR' } });
    const units = { [face === 'native' ? 'id' : 'lago_id']: idOf(made.fixed_charges[0]), units: '4', properties: { amount: '10' } };
    const own = { external_customer_id: 'teams', external_id: 'team1', plan_code: 'team', plan_overrides: { fixed_charges: [units] } };
    await post('/subscriptions', { subscription: { ...own, plan_overrides: { fixed_charges: [{ ...units, properties: { amount: 'x' } }] } } }, 422);
    await post('/subscriptions', { subscription: { ...own, plan_overrides: { fixed_charges: [{ code: 'none', units: '1', charge_model: 'volume' }] } } }, 422);
    await post('/subscriptions', { subscription: own });
    await put('/subscriptions/team1', { subscription: { plan_overrides: { fixed_charges: [{ code: 'seats', units: 5, apply_units_immediately: true }] } } });
    checks.is(`${face}: units of its own`, (await get('/subscriptions/team1/fixed_charges')).fixed_charges.map((one) => one.units), ['5']);
    await put('/subscriptions/team1/fixed_charges/seats', { fixed_charge: { units: '7', apply_units_immediately: true } });
    await put('/subscriptions/team1/fixed_charges/seats', { fixed_charge: {} }, 422);
    await put('/subscriptions/team1/fixed_charges/none', { fixed_charge: { units: '7' } }, 404);
    checks.is(`${face}: set`, (await get('/subscriptions/team1/fixed_charges/seats')).fixed_charge.units, '7');
    await get('/subscriptions/team1/fixed_charges/none', 404);
    await get('/subscriptions/none/fixed_charges', 404);
    // A year from 1 January, 366 days: 4, 1 more, 2 more at 10.00.
    checks.is(`${face}: fees of units`, (await get('/fees?external_subscription_id=team1&fee_type=fixed_charge')).fees.map((fee) => [fee.item.type, fee.units, fee.amount_cents]).reverse(),
      [['fixed_charge', '4', 4000], ['fixed_charge', '1', 1000], ['fixed_charge', '2', 2000]]);
    await del('/subscriptions/team1?on_termination_credit_note=skip&on_termination_invoice=skip');
    const basic = { name: 'Basic', code: 'basic', invoice_display_name: 'The basic plan', description: 'd', interval: 'monthly', amount_cents: 1000, amount_currency: 'EUR', tax_codes: ['vat'],
      charges: [
        { billable_metric_code: 'gb', charge_model: 'standard', invoice_display_name: 'GB', properties: { amount: '0.5' }, tax_codes: ['vat'] },
        { billable_metric_code: 'calls', charge_model: 'graduated', properties: { graduated_ranges: [
          { from_value: 0, to_value: 10, per_unit_amount: '1', flat_amount: '2' }, { from_value: 11, to_value: null, per_unit_amount: '0.5', flat_amount: '3' }] } },
        { billable_metric_code: 'calls', charge_model: 'package', properties: { amount: '5', free_units: 2, package_size: 5 } },
        { billable_metric_code: 'calls', charge_model: 'volume', properties: { volume_ranges: [{ from_value: 0, to_value: null, per_unit_amount: '0.1', flat_amount: '0' }] } }] };
    // On Lago's face a metric is named by its id.
    const metrics = Object.fromEntries((await get('/billable_metrics')).billable_metrics.map((metric) => [metric.code, idOf(metric)]));
    if (face === 'lago') for (const charge of basic.charges) { charge.billable_metric_id = metrics[charge.billable_metric_code]; delete charge.billable_metric_code; }
    await post('/plans', { plan: basic });
    await post('/plans', { plan: basic }, 422);
    await post('/plans', { plan: { name: 'Pro', code: 'pro', interval: 'monthly', amount_cents: 3000, amount_currency: 'EUR', pay_in_advance: true } });
    const term = (interval, more) => ({ plan: { name: 'Term', code: 'term', interval, amount_cents: 100, amount_currency: 'EUR', ...more } });
    for (const interval of ['P1M15D', 'P11Y', 'PT24H', 'fortnightly']) await post('/plans', term(interval), 422);
    await post('/plans', term('P5M', { bill_charges_monthly: true }), 422);
    checks.is(`${face}: a term of two years`, (await post('/plans', term('P2Y', { bill_charges_monthly: true }))).plan.interval, 'P2Y');
    checks.is(`${face}: a term of 18 months`, (await put('/plans/term', { plan: { interval: 'P18M' } })).plan.interval, 'P18M');
    await del('/plans/term');
    await post('/plans', { plan: { name: 'Shares', code: 'shares', interval: 'yearly', amount_cents: 0, amount_currency: 'EUR', charges: [{ billable_metric_id: metrics.gb, charge_model: 'graduated_percentage',
      properties: { graduated_percentage_ranges: [{ from_value: 0, to_value: 100, rate: '2', flat_amount: '1' }, { from_value: 101, to_value: null, rate: '1' }] } },
      { billable_metric_id: metrics.gb, code: 'reserved', charge_model: 'capacity', min_amount_cents: 100, max_amount_cents: 90000, properties: { capacity: '100', amount: '50', overage_amount: '0.6' } },
      { billable_metric_id: metrics.gb, code: 'hours', charge_model: 'time_of_use', properties: { amount: '0.3', windows: [{ name: 'peak', weekdays: [1, 2, 3, 4, 5], from_hour: 8, to_hour: 20, amount: '0.5' }] } },
      { billable_metric_id: metrics.gb, code: 'sizes', charge_model: 'price_table', properties: { row_key: 'size', column_key: 'region', rows: ['small'], columns: ['eu', 'us'], amounts: [['1', '1.2']], amount: '5' } }] } });
    // Filters: of the metric, of a charge, and what becomes of them.
    const clouds = (...values) => ({ billable_metric: { filters: [{ key: 'cloud', values }, { key: 'region', values: ['eu', 'us'] }] } });
    await post('/billable_metrics', { billable_metric: { name: 'Load', code: 'load', aggregation_type: 'sum_agg', field_name: 'n', filters: [{ key: 'cloud' }] } }, 422);
    const load = (await post('/billable_metrics', { billable_metric: { name: 'Load', code: 'load', aggregation_type: 'sum_agg', field_name: 'n', ...clouds('aws', 'gcp').billable_metric } })).billable_metric;
    checks.is(`${face}: the filters of a metric`, load.filters, clouds('aws', 'gcp').billable_metric.filters);
    const filtered = { billable_metric_id: idOf(load), charge_model: 'standard', properties: { amount: '10' }, filters: [
      { values: { cloud: ['aws'] }, invoice_display_name: 'AWS', properties: { amount: '3' } },
      { values: { cloud: ['gcp'], region: ['__ALL_FILTER_VALUES__'] }, properties: { amount: '0.5' } }] };
    const apart = { name: 'Apart', code: 'apart', interval: 'monthly', amount_cents: 0, amount_currency: 'EUR', charges: [filtered] };
    const plan = (await post('/plans', { plan: apart })).plan;
    checks.is(`${face}: the filters of a charge`, plan.charges[0].filters.map(({ values, invoice_display_name: name, properties }) => [values, name, properties]),
      [[{ cloud: ['aws'] }, 'AWS', { amount: '3' }], [{ cloud: ['gcp'], region: ['__ALL_FILTER_VALUES__'] }, null, { amount: '0.5' }]]);
    await post('/plans', { plan: { ...apart, code: 'apart2', charges: [{ ...filtered, filters: [{ values: { cloud: ['oci'] }, properties: { amount: '3' } }] }] } }, 422);
    await put('/billable_metrics/load', clouds('aws', 'azure'));
    const fitted = (await get('/plans/apart')).plan.charges[0].filters;
    checks.is(`${face}: a value that went`, fitted.map(({ values }) => values), [{ cloud: ['aws'] }, { region: ['__ALL_FILTER_VALUES__'] }]);
    checks.is(`${face}: a filter is known by its values`, fitted.map(idOf), plan.charges[0].filters.map(idOf));
    // A plan piece by piece, and what one subscription has otherwise.
    const pieces = (await post('/plans', { plan: { name: 'Pieces', code: 'pieces', interval: 'monthly', amount_cents: 1000, amount_currency: 'EUR' } })).plan;
    const timing = { effective_at: '2024-01-01T00:00:00Z', applies_to: 'all', cascade_updates: true };
    const price = { invoice_display_name: 'Load', charge_model: 'standard', properties: { amount: '10' }, min_amount_cents: 100, max_amount_cents: 9000, tax_codes: ['vat'] };
    const aws = { values: { cloud: ['aws'] }, invoice_display_name: 'AWS', properties: { amount: '3' } };
    const azure = { values: { cloud: ['azure'] }, properties: { amount: '4' } };
    await post('/plans/pieces/charges', { charge: { billable_metric_id: idOf(load), ...price, code: 'load', filters: [azure], ...timing } });
    await post('/plans/pieces/charges', { charge: { billable_metric_id: idOf(load), ...price, code: 'load' } }, 422);
    await post('/plans/none/charges', { charge: { billable_metric_id: idOf(load), ...price } }, 404);
    if (face === 'native') await post('/plans/pieces/charges', { charge: { billable_metric_code: 'load', charge_model: 'standard', properties: { amount: '1' } } });
    else await post('/plans/pieces/charges', { charge: { billable_metric_id: idOf(load), charge_model: 'standard', properties: { amount: '1' } } });
    checks.is(`${face}: charges by code`, (await get('/plans/pieces/charges')).charges.map((one) => one.code), ['load', 'load_2']);
    await put('/plans/pieces/charges/load_2', { charge: { billable_metric_id: idOf(load), code: 'more', ...price, filters: [aws], ...timing } });
    if (face === 'native') await put('/plans/pieces/charges/more', { charge: { billable_metric_code: 'load' } });
    await put('/plans/pieces/charges/more', { charge: { properties: { amount: '-1' } } }, 422);
    await del('/plans/pieces/charges/more?cascade_updates=true');
    await del('/plans/pieces/charges/more', 404);
    await get('/plans/pieces/charges/more', 404);
    const added = (await post('/plans/pieces/charges/load/filters', { filter: { ...aws, ...timing } })).filter;
    checks.is(`${face}: a filter says of what it is`, [added.charge_code, added.values, added.properties], ['load', { cloud: ['aws'] }, { amount: '3' }]);
    await post('/plans/pieces/charges/load/filters', { filter: aws }, 422);
    const filterPath = `/plans/pieces/charges/load/filters/${idOf(added)}`;
    const renamed = (await put(filterPath, { filter: { values: { cloud: ['aws'], region: ['eu'] }, invoice_display_name: null, properties: { amount: '3.5' }, ...timing } })).filter;
    checks.is(`${face}: a filter keeps its id`, [idOf(renamed), renamed.values, renamed.invoice_display_name], [idOf(added), { cloud: ['aws'], region: ['eu'] }, null]);
    await put(filterPath, { filter: { values: { cloud: ['none'] } } }, 422);
    await get(filterPath);
    await get('/plans/pieces/charges/load/filters');
    await get('/plans/pieces/charges/load/filters/none', 404);
    const fixedSeats = { add_on_id: seat, charge_model: 'standard', invoice_display_name: 'Seats', units: '2', pay_in_advance: true, prorated: false, properties: { amount: '10' }, tax_codes: ['vat'] };
    await post('/plans/pieces/fixed_charges', { fixed_charge: { ...fixedSeats, code: 'seats', apply_units_immediately: true, ...timing } });
    await post('/plans/pieces/fixed_charges', { fixed_charge: { ...fixedSeats, code: 'seats' } }, 422);
    await post('/plans/pieces/fixed_charges', { fixed_charge: { add_on_code: 'seats', charge_model: 'standard', properties: { amount: '1' } } });
    await put('/plans/pieces/fixed_charges/seats_2', { fixed_charge: { ...fixedSeats, pay_in_advance: false, add_on_code: 'seats', code: 'more', apply_units_immediately: false, ...timing } });
    await put('/plans/pieces/fixed_charges/more', { fixed_charge: { prorated: true } }, 422);
    await del('/plans/pieces/fixed_charges/more', 200, { fixed_charge: timing });
    await del('/plans/pieces/fixed_charges/more', 404);
    await put('/plans/pieces/fixed_charges/more', { fixed_charge: { units: '1' } }, 404);
    await post('/customers', { customer: { external_id: 'single', currency: 'EUR' } });
    const single = { external_customer_id: 'single', external_id: 'single1', plan_code: 'pieces' };
    const idKey = face === 'native' ? 'id' : 'lago_id';
    const loadId = idOf((await get('/plans/pieces/charges/load')).charge);
    const { tax_codes: taxCodes, charge_model: model, ...charged } = price;
    const differs = { name: 'Agreed', invoice_display_name: 'As agreed', description: 'd', amount_cents: 500, amount_currency: 'EUR', tax_codes: ['vat'],
      charges: [{ [idKey]: loadId, code: 'load', charge_model: model, ...charged, tax_codes: taxCodes, filters: [azure] }],
      fixed_charges: [{ [idKey]: idOf((await get('/plans/pieces/fixed_charges/seats')).fixed_charge), code: 'seats', units: '3', apply_units_immediately: true, charge_model: 'standard', invoice_display_name: 'Own seats', properties: { amount: '9' }, tax_codes: [] }] };
    await post('/subscriptions', { subscription: { ...single, plan_overrides: { ...differs, charges: [{ code: 'none', properties: { amount: '1' } }] } } }, 422);
    await post('/subscriptions', { subscription: { ...single, plan_overrides: { ...differs, amount_currency: 'USD' } } }, 422);
    const copied = (await post('/subscriptions', { subscription: { ...single, plan_overrides: differs } })).subscription;
    checks.is(`${face}: a copy`, [copied.plan_code, copied.plan.code, copied.plan.parent_id, copied.plan.name, copied.plan_amount_cents, copied.plan.charges[0][face === 'native' ? 'parent_id' : 'lago_parent_id']],
      ['pieces', 'pieces', idOf(pieces), 'Agreed', 500, loadId]);
    checks.is(`${face}: a copy is none of the catalogue`, (await get('/plans')).plans.filter((one) => one.code === 'pieces').map((one) => one.parent_id), [null]);
    checks.is(`${face}: who is on the plan`, (await get('/subscriptions?plan_code=pieces')).subscriptions.map((one) => one.external_id), ['single1']);
    // 3 of its own at 9.00.
    checks.is(`${face}: fees of a copy`, (await get('/fees?external_subscription_id=single1&fee_type=fixed_charge')).fees.map((fee) => [fee.units, fee.amount_cents]), [['3', 2700]]);
    await get('/subscriptions/single1/charges');
    await get('/subscriptions/none/charges', 404);
    await put('/subscriptions/single1/charges/load', { charge: { ...charged, charge_model: model, tax_codes: [], filters: [azure] } });
    await put('/subscriptions/single1/charges/load', { charge: { cascade_updates: true } }, 422);
    await put('/subscriptions/single1/charges/none', { charge: { properties: { amount: '1' } } }, 404);
    await get('/subscriptions/single1/charges/load');
    const ownFilter = (await post('/subscriptions/single1/charges/load/filters', { filter: aws })).filter;
    await post('/subscriptions/single1/charges/load/filters', { filter: aws }, 422);
    const ownPath = `/subscriptions/single1/charges/load/filters/${idOf(ownFilter)}`;
    await put(ownPath, { filter: { values: { cloud: ['aws'] }, invoice_display_name: 'Own', properties: { amount: '2' } } });
    await put(ownPath, { filter: { properties: { amount: 'x' } } }, 422);
    checks.is(`${face}: its own filter`, (await get(ownPath)).filter.properties, { amount: '2' });
    checks.is(`${face}: its filters`, (await get('/subscriptions/single1/charges/load/filters')).filters.length, 2);
    await del(ownPath);
    await del(ownPath, 404);
    await put('/subscriptions/single1/fixed_charges/seats', { fixed_charge: { units: '3', apply_units_immediately: true, charge_model: 'standard', invoice_display_name: null, properties: { amount: '8' }, tax_codes: ['vat'] } });
    // What it has otherwise stays, the rest follows.
    await put('/plans/pieces', { plan: { cascade_updates: true, amount_cents: 1200, charges: [{ [idKey]: loadId, filters: [{ ...azure, properties: { amount: '5' } }] }], name: 'Pieces 2' } });
    const mine = (await get('/subscriptions/single1')).subscription.plan;
    checks.is(`${face}: a cascade`, [mine.name, mine.amount_cents, mine.charges[0].filters.map((one) => one.properties.amount)], ['Agreed', 500, ['5']]);
    await put('/plans/pieces', { plan: { cascade_updates: true, applies_to: 'new' } }, 422);
    await del('/plans/pieces/charges/load/filters/none', 404);
    await del(`/plans/pieces/charges/load/filters/${idOf((await get('/plans/pieces/charges/load/filters')).filters[0])}`, 200, { filter: { cascade_updates: true } });
    checks.is(`${face}: a filter that went`, (await get('/subscriptions/single1/charges/load/filters')).filters, []);
    await del('/subscriptions/single1?on_termination_credit_note=skip&on_termination_invoice=skip');
    // Groups: a plan whose charge is divided, and what may not stand in one.
    const divided = { billable_metric_id: idOf(load), code: 'by_user', charge_model: 'standard', properties: { amount: '2', pricing_group_keys: ['zone', 'user'], presentation_group_keys: [{ value: 'team' }] } };
    const groups = { name: 'Groups', code: 'groups', interval: 'monthly', amount_cents: 0, amount_currency: 'EUR', charges: [divided] };
    checks.is(`${face}: the keys of groups`, (await post('/plans', { plan: groups })).plan.charges[0].properties.pricing_group_keys, ['zone', 'user']);
    await post('/plans', { plan: { ...groups, code: 'groups2', charges: [{ ...divided, properties: { amount: '2', pricing_group_keys: ['zone', 'zone'] } }] } }, 422);
    const limits = (plan) => [plan.charges[1].min_amount_cents, plan.charges[1].max_amount_cents];
    const shares = (await get('/plans/shares')).plan;
    checks.is(`${face}: limits`, limits(shares), [100, 90000]);
    const reserved = { [face === 'native' ? 'id' : 'lago_id']: idOf(shares.charges[1]) };
    const first = { [face === 'native' ? 'id' : 'lago_id']: idOf(shares.charges[0]) };
    checks.is(`${face}: limits kept`, limits((await put('/plans/shares', { plan: { charges: [first, { ...reserved, max_amount_cents: 80000 }] } })).plan), [100, 80000]);
    checks.is(`${face}: limits taken away`, limits((await put('/plans/shares', { plan: { charges: [first, { ...reserved, min_amount_cents: null, max_amount_cents: null }] } })).plan), [0, null]);
    // The price calculator. 3 on aws at 3.00 and 4 elsewhere at 10.00 are 49.00, and 20 % of it 9.80.
    const estimate = async (body) => {
      const answer = (await post('/plans/estimate', { estimate: body }, 200)).estimate;
      for (const fee of answer.fees) checks.is(`${face}: the steps of an estimate`, problemsOf(fee.explanation, major(fee.amount_cents, fee.amount_currency)), []);
      return answer;
    };
    const loads = await estimate({ plan_code: 'apart', charges: [{ billable_metric_code: 'load', units: '4', filters: [{ values: { cloud: ['aws'] }, units: 3 }] }] });
    checks.is(`${face}: an estimate`, [loads.fees.map((fee) => [fee.item.type, fee.item.filters, fee.units, fee.amount_cents]), loads.charges_amount_cents, loads.taxes_amount_cents, loads.total_amount_cents],
      [[['subscription', null, '1', 0], ['charge', { cloud: ['aws'] }, '3', 900], ['charge', null, '4', 4000]], 4900, 980, 5880]);
    // From 12 March 31.00 x 20/31; 1 small in eu at 1.00 and 2 elsewhere at 5.00; 1.3 % of 150 and 2 x 2.00; 4 seats at 10.00 in full: 20.00 + 11.00 + 5.95 + 40.00.
    const thought = await estimate({
      plan: { name: 'Told', code: 'told', interval: 'monthly', amount_cents: 3100, amount_currency: 'EUR', tax_codes: [], charges: [
        { billable_metric_id: metrics.gb, code: 'sizes', charge_model: 'price_table', properties: { row_key: 'size', column_key: 'region', rows: ['small'], columns: ['eu'], amounts: [['1']], amount: '5' } },
        { billable_metric_id: metrics.gb, code: 'share', charge_model: 'percentage', properties: { rate: '1.3', fixed_amount: '2' } },
        { billable_metric_id: metrics.gb, code: 'own', charge_model: 'dynamic', properties: {} }],
        fixed_charges: [{ add_on_code: 'seats', charge_model: 'standard', units: '1', properties: { amount: '10' } }] },
      billing_entity_code: 'default', tax_codes: ['vat'], billing_time: 'calendar', from_date: '2024-03-12', to_date: '2024-03-31',
      charges: [{ charge_code: 'sizes', units: 3, cells: [{ row: 'small', column: 'eu', units: 1 }] }, { charge_code: 'share', event_values: ['50', '100'] }, { charge_code: 'own', units: 1, events_count: 1, precise_total_amount_cents: '0' }],
      fixed_charges: [{ fixed_charge_code: 'seats', units: 4 }] });
    checks.is(`${face}: an estimate of a plan that is told`, [thought.subscription_amount_cents, thought.fees.slice(1).map((fee) => fee.amount_cents), thought.fixed_charges_amount_cents, thought.total_amount_cents],
      [2000, [1100, 595, 0, 4000], 4000, 9234]); // 76.95 and 20 % of it, 15.39
    await post('/plans/estimate', { estimate: { plan_code: 'apart', charges: [{ charge_code: 'none', units: '-1' }] } }, 422);
    await post('/plans/estimate', { estimate: { plan_code: 'none' } }, 404);
    await get('/plans');
    await get('/plans/basic');

    // A customer, a subscription, its events.
    await post('/customers', { customer: { external_id: 'acme', name: 'Acme', legal_name: 'Acme GmbH', email: 'a@acme.example', country: 'DE', address_line1: '1', address_line2: '2',
      city: 'Berlin', state: 'BE', zipcode: '10115', tax_identification_number: 'DE123', currency: 'EUR', timezone: 'Europe/Berlin', net_payment_term: 14, tax_codes: ['vat'] } });
    await post('/customers', { customer: { external_id: 'slow', currency: 'EUR', billing_entity_code: 'fr', billing_configuration: { invoice_grace_period: 5, document_locale: 'fr-CA' } } });
    await post('/customers', { customer: { external_id: 'slow', billing_configuration: { document_locale: 'not a language' } } }, 422);
    await post('/customers', { customer: { external_id: 'acme', currency: 'EUX' } }, 422);
    await get('/customers');
    await get('/customers/acme');
    await get('/customers/acme/portal_url');
    await get('/customers/nobody/portal_url', 404);
    await post('/subscriptions', { subscription: { external_customer_id: 'acme', external_id: 's1', plan_code: 'basic', name: 'Main', billing_time: 'calendar' } });
    await post('/subscriptions', { subscription: { external_customer_id: 'slow', external_id: 's2', plan_code: 'basic', billing_time: 'anniversary' } });
    await post('/subscriptions', { subscription: { external_customer_id: 'acme', external_id: 's3', plan_code: 'basic', ending_at: '2025-01-01T00:00:00Z' } });
    await post('/subscriptions', { subscription: { external_customer_id: 'acme', external_id: 's4', plan_code: 'none' } }, 404);
    await post('/subscriptions', { subscription: { external_customer_id: 'acme', external_id: 's4', plan_code: 'basic', subscription_at: '2024-03-01T00:00:00Z' } });
    await get('/subscriptions');
    await get('/subscriptions/s1');
    await clock('2024-01-10T00:00:00Z');
    await post('/events', { event: { transaction_id: 't1', external_subscription_id: 's1', code: 'gb', timestamp: '2024-01-09T12:00:00Z', properties: { gb: '12.5' } } }, 200);
    await post('/events', { event: { transaction_id: 't1', external_subscription_id: 's1', code: 'gb', timestamp: '2024-01-09T12:00:00Z', properties: { gb: '12.5' } } }, face === 'native' ? 200 : 422);
    await post('/events', { event: { transaction_id: 't2', external_subscription_id: 's1', code: 'gb', properties: { gb: 'many' } } }, face === 'native' ? 422 : 200); // Lago counts it as 0
    await post('/events', { event: { transaction_id: 'u1', external_subscription_id: 'unknown', code: 'gb', timestamp: 1704800000, properties: { gb: 1 } } }, 200);
    const calls = Array.from({ length: 12 }, (_, i) => ({ transaction_id: `c${i}`, external_subscription_id: 's1', code: 'calls', timestamp: 1704800000 + i }));
    await post('/events/batch', { events: calls }, 200);
    await post('/events/batch', { events: [] }, 422);
    // 2 on aws at 3, 1 elsewhere in eu at 0.50, 4 more at 10.
    await post('/customers', { customer: { external_id: 'apart', currency: 'EUR' } });
    await post('/subscriptions', { subscription: { external_customer_id: 'apart', external_id: 's5', plan_code: 'apart', billing_time: 'calendar' } });
    const of = (id, properties) => ({ transaction_id: id, external_subscription_id: 's5', code: 'load', properties });
    await post('/events/batch', { events: [of('f1', { n: 2, cloud: 'aws' }), of('f2', { n: 1, region: 'eu' }), of('f3', { n: 4, cloud: 'gcp' })] }, 200);
    const [told] = (await get('/customers/apart/current_usage?external_subscription_id=s5')).customer_usage.charges_usage;
    checks.is(`${face}: usage told apart`, [told.amount_cents, ...told.filters.map(({ values, amount_cents: amount }) => [values, amount])],
      [4650, [{ cloud: ['aws'] }, 600], [{ region: ['__ALL_FILTER_VALUES__'] }, 50], [null, 4000]]);
    // 3 of ann and 1 of nobody in zone a, 5 of ann in zone b, at 2.
    await post('/customers', { customer: { external_id: 'groups', currency: 'EUR' } });
    await post('/subscriptions', { subscription: { external_customer_id: 'groups', external_id: 's6', plan_code: 'groups', billing_time: 'calendar' } });
    const by = (id, properties) => ({ transaction_id: id, external_subscription_id: 's6', code: 'load', properties });
    await post('/events/batch', { events: [by('g1', { n: 3, zone: 'a', user: 'ann', team: 1 }), by('g2', { n: 1, zone: 'a' }), by('g3', { n: 5, zone: 'b', user: 'ann' })] }, 200);
    const grouped = async (query) => (await get(`/customers/groups/current_usage?external_subscription_id=s6${query}`)).customer_usage.charges_usage
      .map(({ amount_cents: amount, grouped_usage: usage }) => [amount, ...usage.map(({ grouped_by: group, amount_cents: cents, presentation_breakdowns: told }) => [group, cents, told.length])]);
    checks.is(`${face}: usage by group`, await grouped(''), [[1800, [{ zone: 'a', user: 'ann' }, 600, 1], [{ zone: 'a', user: null }, 200, 1], [{ zone: 'b', user: 'ann' }, 1000, 1]]]);
    checks.is(`${face}: of one value`, await grouped('&filter_by_group[zone]=a&filter_by_charge_code=by_user'), [[800, [{ user: 'ann' }, 600, 1], [{ user: null }, 200, 1]]]);
    checks.is(`${face}: of one group`, await grouped('&group[zone]=a&group[user]='), [[200]]);
    checks.is(`${face}: not divided`, await grouped('&skip_grouping=true'), [[1800]]);
    await get('/customers/groups/current_usage?external_subscription_id=s6&filter_by_charge_code=none', 404);
    checks.is(`${face}: of one value, as one`, await grouped('&skip_grouping=true&group[zone]=a'), [[800]]);
    checks.is(`${face}: of its whole life`, await grouped('&full_usage=true&filter_by_charge_code=by_user&group[zone]=b'), [[1000, [{ user: 'ann' }, 1000, 1]]]);
    checks.is(`${face}: full usage of all`, (await get('/customers/groups/current_usage?external_subscription_id=s6&full_usage=true', 405)).code, 'full_usage_not_allowed');
    checks.is(`${face}: units not told apart`, await grouped(`&filter_by_presentation=${encodeURIComponent('[]')}&group[zone]=b`), [[1000, [{ user: 'ann' }, 1000, 0]]]);
    await get('/customers/groups/current_usage?external_subscription_id=s6&filter_by_presentation=team', 422);
    const shared = (await get('/customers/groups/projected_usage?external_subscription_id=s6')).customer_projected_usage.charges_usage[0].grouped_usage;
    checks.is(`${face}: projected by group`, shared.map((one) => [one.grouped_by, one.units, one.projected_units, one.projected_amount_cents]), [
      [{ zone: 'a', user: 'ann' }, '3', '66', 13200], [{ zone: 'a', user: null }, '1', '22', 4400], [{ zone: 'b', user: 'ann' }, '5', '110', 22000]]);
    await get('/customers/groups/current_usage?external_subscription_id=s6&group[]=a', 422);
    const ahead = (await get('/customers/apart/projected_usage?external_subscription_id=s5')).customer_projected_usage;
    checks.is(`${face}: projected usage`, [ahead.elapsed_days, ahead.period_days, ahead.amount_cents, ahead.projected_amount_cents, ahead.charges_usage[0].filters.map((one) => one.projected_units)], [1, 22, 4650, 102300, ['44', '22', '88']]); // the first of 22 days
    await get('/customers/apart/projected_usage?external_subscription_id=none', 404);
    await get('/customers/apart/projected_usage', 422);
    // A cheaper plan waits for the end of the period: another one takes its place, the one that runs takes it away.
    for (const [code, cents] of [['dear', 3000], ['cheap', 1000], ['cheapest', 500], ['dearest', 6000], ['paid', 100]])
      await post('/plans', { plan: { name: code, code, interval: 'monthly', amount_cents: cents, amount_currency: 'EUR', pay_in_advance: code === 'paid' } });
    await post('/customers', { customer: { external_id: 'saver', currency: 'EUR' } });
    const saver = { external_customer_id: 'saver', external_id: 's78', plan_code: 'dear', billing_time: 'calendar' };
    await post('/subscriptions', { subscription: saver });
    await post('/subscriptions', { subscription: { ...saver, plan_code: 'cheap' } });
    const waits = (await get('/subscriptions/s78?status=pending')).subscription;
    await post('/subscriptions', { subscription: { ...saver, plan_code: 'cheap' } });
    checks.is(`${face}: asked for again`, idOf((await get('/subscriptions/s78?status=pending')).subscription), idOf(waits));
    await post('/subscriptions', { subscription: { ...saver, plan_code: 'cheap', subscription_at: '2024-01-20T00:00:00Z' } }, 422);
    await post('/subscriptions', { subscription: saver });
    await get('/subscriptions/s78?status=pending', 404);
    const stays = (await post('/subscriptions', { subscription: { ...saver, plan_code: 'cheapest' } })).subscription;
    checks.is(`${face}: a cheaper plan waits`, [stays.status, stays.plan_code, stays.next_plan_code, stays.downgrade_plan_date], ['active', 'dear', 'cheapest', '2024-02-01']);
    checks.is(`${face}: beside it`, (await get('/subscriptions?external_customer_id=saver&status[]=active&status[]=pending')).subscriptions.map((one) => [one.status, one.previous_plan_code]), [['pending', 'dear'], ['active', null]]);
    await del('/subscriptions/s78?status=pending');
    // One that is dearer takes over at once, unless something was paid in advance.
    const changed = (await post('/subscriptions', { subscription: { ...saver, plan_code: 'dearest' } })).subscription;
    checks.is(`${face}: a dearer plan`, [changed.status, changed.plan_code, changed.previous_plan_code, changed.next_plan_code], ['active', 'dearest', 'dear', null]);
    await post('/subscriptions', { subscription: { ...saver, plan_code: 'paid', plan_overrides: { amount_cents: 7000 } } });
    await post('/subscriptions', { subscription: { ...saver, plan_code: 'dearest', plan_overrides: { amount_cents: 8000 } } }, 422);
    // Charges in advance: calls at 10.00 each on invoices of their own, traffic at 5% and 1.00 for each event behind 100 free units, alone.
    const planned = { name: 'Ahead', code: 'ahead', interval: 'monthly', amount_cents: 0, amount_currency: 'EUR', charges: [
      { billable_metric_id: metrics.calls, charge_model: 'standard', pay_in_advance: true, properties: { amount: '10' } },
      { billable_metric_id: metrics.gb, charge_model: 'percentage', pay_in_advance: true, invoiceable: false, regroup_paid_fees: 'invoice', properties: { rate: '5', fixed_amount: '1', free_units_per_total_aggregation: '100' } }] };
    const perEvent = (await post('/plans', { plan: planned })).plan.charges;
    checks.is(`${face}: in advance`, perEvent.map(({ pay_in_advance: now, invoiceable, prorated, regroup_paid_fees: gathered }) => [now, invoiceable, prorated, gathered]), [[true, true, false, null], [true, false, false, 'invoice']]);
    await put('/plans/ahead', { plan: { charges: [{ [face === 'native' ? 'id' : 'lago_id']: idOf(perEvent[0]), pay_in_advance: false }] } }, 422);
    await post('/customers', { customer: { external_id: 'early', currency: 'EUR' } });
    await post('/subscriptions', { subscription: { external_customer_id: 'early', external_id: 's77', plan_code: 'ahead', billing_time: 'calendar' } });
    const early = (id, code, properties = {}) => ({ transaction_id: id, external_subscription_id: 's77', code, properties });
    const cents = ({ fees }) => fees.map(({ amount_cents: amount }) => amount);
    await post('/events/batch', { events: [early('e1', 'calls'), early('e2', 'gb', { gb: 110 })] }, 200);
    await clock('2024-01-10T00:00:00Z', true);
    // 10 of the 110 units at 5%, and 1.00: 1.50.  Behind them 20 x 5% + 1.00 = 2.00, and by itself the same.
    checks.is(`${face}: estimates`, cents(await post('/events/estimate_fees', { event: early('', 'gb', { gb: 20 }) }, 200)), [200]);
    checks.is(`${face}: an instant estimate`, cents(await post('/events/estimate_instant_fees', { event: { external_subscription_id: 's77', code: 'gb', properties: { gb: 40 } } }, 200)), [300]);
    checks.is(`${face}: several`, cents(await post('/events/batch_estimate_instant_fees', { events: [early('', 'calls'), early('', 'gb', { gb: 20 })] }, 200)), [1000, 200]);
    await post('/events/estimate_fees', { event: { external_subscription_id: 'none', code: 'gb', properties: { gb: 20 } } }, 404);
    await post('/events/estimate_fees', { event: { external_subscription_id: 's1', code: 'gb', properties: { gb: 20 } } }, 422);
    await post('/events/estimate_instant_fees', { event: { external_subscription_id: 's77' } }, 422);
    await post('/events/batch_estimate_instant_fees', { events: [{ external_subscription_id: 's77', code: 'none' }] }, 422);
    const [alone] = (await get('/fees?external_customer_id=early&event_transaction_id=e2')).fees;
    const [invoiced] = (await get('/fees?external_customer_id=early&event_transaction_id=e1')).fees;
    checks.is(`${face}: what came at once`, [alone, invoiced].map((fee) => [fee.amount_cents, fee.pay_in_advance, fee.invoiceable]), [[150, true, false], [1000, true, true]]);
    checks.is(`${face}: how a percentage came about`, [alone.amount_details.free_units, alone.amount_details.per_unit_total_amount].map(Number), [100, 0.5]);
    checks.is(`${face}: paid`, (await put(`/fees/${idOf(alone)}`, { fee: { payment_status: 'succeeded' } })).fee.payment_status, 'succeeded');
    await put(`/fees/${idOf(alone)}`, { fee: { payment_status: 'lost' } }, 422);
    await put(`/fees/${idOf(invoiced)}`, { fee: { payment_status: 'succeeded' } }, 405);
    await put('/fees/00000000-0000-7000-8000-000000000000', { fee: { payment_status: 'succeeded' } }, 404);
    await get(`/fees/${idOf(alone)}`);
    checks.is(`${face}: explained`, (await get(`/fees/${idOf(alone)}/explanation`)).explanation.matches, true);
    // The end of the subscription gathers what was paid: 1.50, which nobody owes any more.
    await del('/subscriptions/s77');
    const [gathering] = (await get('/invoices?external_customer_id=early&invoice_type=advance_charges')).invoices;
    checks.is(`${face}: gathered`, [gathering.invoice_type, gathering.fees_amount_cents, gathering.total_due_amount_cents, gathering.payment_status], ['advance_charges', 150, 0, 'succeeded']);
    const regrouped = (await get(`/invoices/${idOf(gathering)}`)).invoice;
    checks.is(`${face}: its fee`, [regrouped.fees.map(idOf), regrouped.billing_periods.map((period) => period.invoicing_reason)], [[idOf(alone)], ['in_advance_charge_periodic']]);
    await put(`/invoices/${idOf(gathering)}`, { invoice: { payment_status: 'failed' } }, 405);
    await post('/events', { event: { transaction_id: 't3', external_subscription_id: 'unknown', code: 'gb', properties: { gb: 1 }, precise_total_amount_cents: '10.1' } }, 200);
    await put('/billable_metrics/gb', { billable_metric: { field_name: 'bytes' } }, 405);
    await del('/billable_metrics/gb', 405);
    await get('/events');
    await get('/events?external_subscription_id=s1&code=gb');
    await get('/events/t1');
    await get('/events/none', 404);
    await get('/unmatched_events');

    // Other ways in: a stream of lines, a batch of CloudEvents; and what waits for its subscription.
    const cloud = (id, subject) => ({ specversion: '1.0', id, source: '/walk', type: 'calls', subject, time: '2024-01-12T00:00:00Z', data: {} });
    const lines = (...events) => events.map((event) => JSON.stringify(event)).join('\n');
    const native = (id, subscription) => ({ transaction_id: id, external_subscription_id: subscription, code: 'calls', timestamp: '2024-01-12T00:00:00Z', properties: {} });
    const { stream } = await sendAs('application/x-ndjson', '/events/stream', lines(native('w1', 'nobody'), native('w2', 'nobody'), native('w1', 'nobody'), cloud('w3', 'noone')));
    checks.is(`${face} a stream`, [stream.lines, stream.accepted, stream.duplicates, stream.unmatched], [4, 3, 1, 3]);
    await sendAs('application/x-ndjson', '/events/stream', lines({ code: 'calls' }), 422);
    await sendAs('application/cloudevents-batch+json', '/events', JSON.stringify([cloud('w5', 'noone'), cloud('w6', 'noone')]));
    await get('/unmatched_events/summary');
    const [waiting] = (await get('/unmatched_events?external_subscription_id=nobody')).unmatched_events;
    await del(`/unmatched_events/${idOf(waiting)}`, 204);
    await del(`/unmatched_events/${idOf(waiting)}`, 404);
    checks.is(`${face} the rest of them dismissed`, (await del('/unmatched_events?external_subscription_id=nobody')).dismissed_count, 1);
    await del('/unmatched_events?external_subscription_id=noone');
    await del('/unmatched_events', 422);
    // 12.5 x 0.5 = 6.25; 2 + 10 x 1 + 3 + 2 x 0.5 = 16; 10 above the free ones: 2 packages of 5 = 10; 12 x 0.1 = 1.2.
    const usage = (await get('/customers/acme/current_usage?external_subscription_id=s1')).customer_usage;
    checks.is(`${face}: current usage`, [usage.amount_cents, usage.taxes_amount_cents, usage.total_amount_cents], [3345, 669, 4014]);
    checks.is(`${face}: of each charge`, usage.charges_usage.map((charge) => charge.amount_cents).sort(), [1000, 120, 1600, 625]);
    await get('/customers/acme/current_usage?external_subscription_id=none', 404);
    const { metrics: daily } = (await get('/subscriptions/s1/daily_usage?from_day=2024-01-01&to_day=2024-01-31')).daily_usage;
    checks.is(`${face}: usage by day adds up`, daily.map(({ days, events_count: events }) => days.reduce((sum, day) => sum + day.events_count, -events)), daily.map(() => 0));
    await get('/subscriptions/none/daily_usage', 404);
    await get('/subscriptions/s1/daily_usage?from_day=2024-01-02&to_day=2024-01-01', 422);
    const found = (await get('/search?q=acme')).search;
    checks.is(`${face}: acme is found`, [found.is_exact, found.hits.map((hit) => hit.kind)], [true, ['customer']]);
    await get('/search', 422);
    const ofAcme = (await get('/customers/acme/figures')).customer_figures;
    checks.is(`${face}: figures of acme are in the list`, (await get('/customer_figures?search=acme&sort=mrr&order=asc')).customer_figures[0].mrr_cents, ofAcme.mrr_cents);
    await get('/customers/none/figures', 404);
    await get('/customer_figures?status=odd', 422);
    const [overview] = (await get('/overview')).overview.currencies;
    checks.is(`${face}: open amounts by age add up`, overview.ages.reduce((sum, age) => sum + age.amount_cents, 0), overview.open_amount_cents);

    // What the vendor charged: first nobody's, then acme's and without a rule, then sold.
    server.command('import', 'focus', COSTS);
    await get('/cost_imports');
    await get('/vendor_costs/unassigned');
    await post('/vendor_accounts', { vendor_account: { external_customer_id: 'acme', provider_name: 'Acme', sub_account_id: 'a1' } });
    await post('/vendor_accounts', { vendor_account: { external_customer_id: 'nobody', provider_name: 'Acme', sub_account_id: 'a1' } }, 422);
    await get('/vendor_accounts');
    await get('/vendor_costs?external_customer_id=acme');

    // The first of February: acme's two subscriptions are billed; the other customer has a grace period.
    await clock('2024-02-01T00:00:00Z', true);
    await get('/cost_exceptions');
    await post('/resale_rules', { resale_rule: { code: 'all', name: 'All', method: 'markup', percent: '10', cost_column: 'billed_cost', provider_name: 'Acme', service_name: 'VM',
      external_customer_id: 'acme', valid_from_at: '2024-01-01T00:00:00Z' } });
    await post('/resale_rules', { resale_rule: { code: 'all', name: 'All', method: 'margin', percent: '100' } }, 422);
    await get('/resale_rules');
    await clock('2024-02-02T00:00:00Z', true);
    const invoices = (await get('/invoices')).invoices;
    // s1: 10.00 + 33.45; s3 has used nothing, but the first tier's flat 2.00 is due: 12.00.  Tax is 20%.
    const invoice = invoices.find((one) => one.customer.external_id === 'acme');
    checks.is(`${face}: the invoice`, [invoice.fees_amount_cents, invoice.taxes_amount_cents, invoice.total_amount_cents], [5545, 1109, 6654]);
    const draft = invoices.find((one) => one.status === 'draft');
    checks.is(`${face}: a draft`, draft?.customer.external_id, 'slow');
    await get(`/invoices/${idOf(invoice)}`);
    await get('/invoices/00000000-0000-7000-8000-000000000000', 404);
    const pdf = await fetch(`${server.base}${PREFIX[face]}/invoices/${idOf(invoice)}/pdf?language=de`, { headers: { Authorization: `Bearer ${KEY}` } });
    checks.is(`${face} an invoice's PDF`, [pdf.status, pdf.headers.get('content-type'), (await pdf.text()).slice(0, 5)], [200, 'application/pdf', '%PDF-']);
    await get(`/invoices/${idOf(invoice)}/pdf?language=klingon`, 422);
    await get('/invoices/00000000-0000-7000-8000-000000000000/pdf', 404);
    await put(`/invoices/${idOf(draft)}/refresh`);
    await put('/invoices/00000000-0000-7000-8000-000000000000/refresh', undefined, 404);
    await put(`/invoices/${idOf(draft)}/finalize`);
    await put('/invoices/00000000-0000-7000-8000-000000000000/finalize', undefined, 404);
    await put(`/invoices/${idOf(draft)}`, { invoice: { payment_status: 'failed' } });
    await put(`/invoices/${idOf(draft)}`, { invoice: { payment_status: 'lost' } }, 422);
    const fees = (await get('/fees')).fees;
    await get(`/fees/${idOf(fees[0])}`);
    for (const fee of fees) await get(`/fees/${idOf(fee)}`);
    await get('/fees/00000000-0000-7000-8000-000000000000/explanation', 404);
    const payment = (await post('/payments', { payment: { invoice_id: idOf(invoice), amount_cents: 654, reference: 'bank 1', paid_at: '2024-02-01T00:00:00Z' } })).payment;
    await post('/payments', { payment: { invoice_id: idOf(invoice), amount_cents: 6001 } }, 422);
    await get('/payments');
    await get(`/payments/${idOf(payment)}`);
    const receiptFile = await fetch(`${server.base}${PREFIX[face]}/payments/${idOf(payment)}/receipt.pdf?language=ja`, { headers: { Authorization: `Bearer ${KEY}` } });
    checks.is(`${face} a payment's receipt`, [receiptFile.status, receiptFile.headers.get('content-type'), (await receiptFile.text()).slice(0, 5)], [200, 'application/pdf', '%PDF-']);
    await get(`/payments/${idOf(payment)}/receipt.pdf?language=klingon`, 422);
    await get('/payments/00000000-0000-7000-8000-000000000000/receipt.pdf', 404);
    // By a gateway: declined, then paid, while the same invoice is paid by hand.
    const atGateway = async () => (await post(`/invoices/${idOf(invoice)}/payment_url`, undefined, 200)).invoice_payment_details;
    const paymentOf = (details) => details[face === 'native' ? 'payment_id' : 'lago_payment_id'];
    const declined = await atGateway();
    await payAt(declined.payment_url, '4000000000009995');
    const failed = (await post(`/payments/${paymentOf(declined)}/refresh`, undefined, 200)).payment;
    checks.is(`${face}: declined`, [failed.payment_status, failed.failure_code], ['failed', 'insufficient_funds']);
    const again = await atGateway();
    await payAt(again.payment_url, '4242424242424242');
    await post('/payments', { payment: { invoice_id: idOf(invoice), amount_cents: 6000, reference: 'bank 2' } });
    const paid = (await post(`/payments/${paymentOf(again)}/refresh`, undefined, 200)).payment;
    checks.is(`${face}: paid twice`, [paid.payment_status, paid.amount_cents, paid.unapplied_amount_cents], ['succeeded', 6000, 6000]);
    await post(`/invoices/${idOf(invoice)}/payment_url`, undefined, 405);
    await post('/invoices/00000000-0000-7000-8000-000000000000/payment_url', undefined, 404);
    await post('/payments/00000000-0000-7000-8000-000000000000/refresh', undefined, 404);
    const [exception] = (await get('/payment_exceptions')).payment_exceptions;
    checks.is(`${face}: an exception`, [exception.reason, exception.amount_cents], ['overpaid', 6000]);
    await post(`/payment_exceptions/${idOf(exception)}/resolve`, undefined, 200);
    await post('/payment_exceptions/00000000-0000-7000-8000-000000000000/resolve', undefined, 404);
    await get('/payment_exceptions?with_resolved=true');
    await get('/payment_exceptions?with_resolved=perhaps', 422);
    // Its mails wait, since this server sends none.
    const receiptMail = (await get('/mails?type=receipt&status=waiting')).mails.find((one) => one.payment_id === idOf(payment));
    checks.is(`${face} a receipt's mail`, [receiptMail.payment_id, receiptMail.to, receiptMail.tries], [idOf(payment), 'a@acme.example', 0]);
    await get('/mails?external_customer_id=acme');
    await get(`/mails/${idOf(receiptMail)}`);
    await get(`/mails/${receiptMail.payment_id}`, 404);
    await post(`/mails/${idOf(receiptMail)}/resend`, {}, 200);
    await post(`/mails/${receiptMail.payment_id}/resend`, {}, 404);
    await get('/mails?status=lost', 422);
    await get(`/invoices/${idOf(invoice)}`);
    await post(`/invoices/${idOf(draft)}/void`, undefined, 200);
    await post(`/invoices/${idOf(draft)}/void`, undefined, 405);

    // What was billed for usage, and all in all: 46.50, and 10.00 that somebody says was before.
    const [billed] = (await get('/customers/apart/past_usage?external_subscription_id=s5&periods_count=2&billable_metric_code=load')).usage_periods.slice(-1);
    checks.is(`${face}: past usage`, [billed.from_datetime.slice(0, 7), billed.amount_cents, billed.charges_usage[0].units, billed.charges_usage[0].filters.map((one) => one.amount_cents)], ['2024-01', 4650, '7', [600, 50, 4000]]);
    const [byGroup] = (await get('/customers/groups/past_usage?external_subscription_id=s6')).usage_periods.slice(-1);
    checks.is(`${face}: past usage by group`, byGroup.charges_usage[0].grouped_usage.map((one) => [one.grouped_by, one.units, one.amount_cents]), [
      [{ zone: 'a', user: 'ann' }, '3', 600], [{ zone: 'a', user: null }, '1', 200], [{ zone: 'b', user: 'ann' }, '5', 1000]]);
    await get('/customers/apart/past_usage?external_subscription_id=none', 404);
    await get('/customers/apart/past_usage?external_subscription_id=s5&billable_metric_code=none', 404);
    await get('/customers/apart/past_usage?periods_count=0', 422);
    const life = (await put('/subscriptions/s5/lifetime_usage', { lifetime_usage: { external_historical_usage_amount_cents: 1000 } })).lifetime_usage;
    checks.is(`${face}: lifetime usage`, [life.external_historical_usage_amount_cents, life.invoiced_usage_amount_cents, life.current_usage_amount_cents], [1000, 4650, 0]);
    await put('/subscriptions/s5/lifetime_usage', { lifetime_usage: { external_historical_usage_amount_cents: -1 } }, 422);
    await get('/subscriptions/s5/lifetime_usage');
    await get('/subscriptions/none/lifetime_usage', 404);

    // Webhooks, to a port where nobody listens.
    const nowhere = 'http://127.0.0.1:1/hooks';
    const endpoint = (await post('/webhook_endpoints', { webhook_endpoint: { webhook_url: nowhere, name: 'Books', signature_algo: 'hmac', event_types: ['customer.created', 'invoice.created'] } })).webhook_endpoint;
    await post('/webhook_endpoints', { webhook_endpoint: { webhook_url: nowhere } }, 422);
    await post('/webhook_endpoints', { webhook_endpoint: { webhook_url: 'https://hooks.example', signature_algo: 'jwt' } }, 422);
    await get('/webhook_endpoints');
    await get(`/webhook_endpoints/${idOf(endpoint)}`);
    await get('/webhook_endpoints/00000000-0000-7000-8000-000000000000', 404);
    const sent = (await post(`/webhook_endpoints/${idOf(endpoint)}/test`)).webhook;
    await post('/webhook_endpoints/00000000-0000-7000-8000-000000000000/test', undefined, 404);
    await get(`/webhooks?type=webhook_endpoint.test&webhook_endpoint_id=${idOf(endpoint)}`);
    await get('/webhooks?status=lost', 422);
    await get(`/webhooks/${idOf(sent)}`);
    await get('/webhooks/00000000-0000-7000-8000-000000000000', 404);
    await post(`/webhooks/${idOf(sent)}/resend`, undefined, 200);
    await post('/webhooks/00000000-0000-7000-8000-000000000000/resend', undefined, 404);
    const off = (await put(`/webhook_endpoints/${idOf(endpoint)}`, { webhook_endpoint: { webhook_url: `${nowhere}/2`, name: null, signature_algo: null, event_types: null, enabled: false } })).webhook_endpoint;
    checks.is(`${face}: an endpoint that is off`, [off.enabled, off.disabled_reason, off.event_types], [false, 'by_request', null]);
    await post(`/webhook_endpoints/${idOf(endpoint)}/test`, undefined, 405);
    await put(`/webhook_endpoints/${idOf(endpoint)}`, { webhook_endpoint: { webhook_url: 'ftp://hooks.example' } }, 422);
    await put('/webhook_endpoints/00000000-0000-7000-8000-000000000000', { webhook_endpoint: { name: 'x' } }, 404);
    await post(`/webhook_endpoints/${idOf(endpoint)}/rotate_secret`, undefined, 200);
    await post('/webhook_endpoints/00000000-0000-7000-8000-000000000000/rotate_secret', undefined, 404);
    await del(`/webhook_endpoints/${idOf(endpoint)}`);
    await del(`/webhook_endpoints/${idOf(endpoint)}`, 404);

    // Keys.
    const key = (await post('/api_keys', { api_key: { name: 'meter', scopes: 'events:write', expires_at: '2025-01-01T00:00:00Z' } })).api_key;
    await post('/api_keys', { api_key: { name: 'meter', scopes: 'everything' } }, 422);
    const other = (await post(`/api_keys/${idOf(key)}/rotate`, { overlap_seconds: 60 })).api_key;
    await post('/api_keys/00000000-0000-7000-8000-000000000000/rotate', undefined, 404);
    await put(`/api_keys/${idOf(other)}`, { api_key: { name: 'meter 2', scopes: 'events:read events:write' } });
    await put(`/api_keys/${idOf(other)}`, { api_key: { scopes: '' } }, 422);
    await get('/api_keys');
    await get(`/api_keys/${idOf(other)}`);
    await get('/api_keys/00000000-0000-7000-8000-000000000000', 404);
    await del(`/api_keys/${idOf(other)}`);
    await del('/api_keys/00000000-0000-7000-8000-000000000000', 404);

    // What plans grant, and subscriptions have instead.
    const seatFeature = { code: 'seats', name: 'Seats', description: 'how many', privileges: [{ code: 'max', name: 'Most', value_type: 'integer' }, { code: 'root', value_type: 'boolean' },
      { code: 'provider', value_type: 'select', config: { select_options: ['google', 'okta'] } }, { code: 'note' }] };
    checks.is(`${face}: a feature`, (await post('/features', { feature: seatFeature })).feature.privileges.map(({ code, value_type: type, config }) => [code, type, config]),
      [['max', 'integer', {}], ['root', 'boolean', {}], ['provider', 'select', { select_options: ['google', 'okta'] }], ['note', 'string', {}]]);
    await post('/features', { feature: { code: 'seats', privileges: [{ code: 'x', value_type: 'number' }] } }, 422);
    await post('/features', { feature: { code: 'sso' } });
    await post('/features', { feature: { code: 'gone', privileges: [{ code: 'x' }] } });
    await put('/features/gone', { feature: { code: 'gone', name: 'Gone', description: null, privileges: [{ code: 'x', name: 'X' }, { code: 'y' }] } });
    await put('/features/gone', { feature: { code: 'seats' } }, 422);
    checks.is(`${face}: a privilege that is gone`, (await del('/features/gone/privileges/x')).feature.privileges.map((one) => one.code), ['y']);
    await del('/features/gone/privileges/x', 404);
    await get('/features');
    await get('/features/gone');
    await del('/features/gone');
    await del('/features/gone', 404);
    const patch = (path, body, wanted = 200) => send('PATCH', path, body, wanted);
    const values = (answer) => answer.entitlements.map((one) => [one.code, Object.fromEntries(one.privileges.map(({ code, value }) => [code, value]))]);
    checks.is(`${face}: a plan grants`, values(await post('/plans/apart/entitlements', { entitlements: { seats: { max: 10, root: true, provider: 'okta', note: 'x' }, sso: {} } }, 200)),
      [['seats', { max: 10, root: true, provider: 'okta', note: 'x' }], ['sso', {}]]);
    await post('/plans/apart/entitlements', { entitlements: { none: {} } }, 422);
    await patch('/plans/apart/entitlements', { entitlements: { seats: { max: 20 } } });
    await patch('/plans/apart/entitlements', { entitlements: { seats: { max: 'many' } } }, 422);
    await get('/plans/apart/entitlements');
    await get('/plans/none/entitlements', 404);
    await del('/plans/apart/entitlements/seats/privileges/note');
    await del('/plans/apart/entitlements/seats/privileges/note', 404);
    await get('/plans/apart/entitlements/seats');
    await get('/plans/apart/entitlements/none', 404);
    const held = await patch('/subscriptions/s5/entitlements', { entitlements: { seats: { max: 50 } } });
    checks.is(`${face}: a subscription has its own`, [values(held), held.entitlements[0].overrides, held.entitlements[0].privileges[0].plan_value, held.entitlements[0].privileges[1].override_value],
      [[['seats', { max: 50, root: true, provider: 'okta' }], ['sso', {}]], { max: 50 }, 20, null]);
    await patch('/subscriptions/s5/entitlements', { entitlements: { seats: { root: 7 } } }, 422);
    await patch('/subscriptions/none/entitlements', { entitlements: {} }, 404);
    await del('/subscriptions/s5/entitlements/seats/privileges/root');
    await del('/subscriptions/s5/entitlements/seats/privileges/root', 404);
    await del('/subscriptions/s5/entitlements/sso');
    await del('/subscriptions/s5/entitlements/sso', 404);
    checks.is(`${face}: what was taken away`, values(await get('/subscriptions/s5/entitlements?subscription_status=active')), [['seats', { max: 50, provider: 'okta' }]]);
    await get('/subscriptions/s5/entitlements?subscription_status=pending', 404);
    checks.is(`${face}: what the plan grants again`, values(await post('/subscriptions/s5/entitlements/seats/restore', undefined, 200)), [['seats', { max: 20, root: true, provider: 'okta' }]]);
    await post('/subscriptions/s5/entitlements/none/restore', undefined, 404);
    await del('/plans/apart/entitlements/sso');
    await del('/plans/apart/entitlements/sso', 404);

    // What was sold changes, and ends: the next version of a plan, a tax, a seller, a subscription, a customer.
    await put('/subscriptions/s3', { subscription: { name: 'Second', ending_at: '2024-12-01T00:00:00Z' } });
    await put('/subscriptions/s4?status=pending', { subscription: { subscription_at: '2024-04-01T00:00:00Z' } });
    await put('/subscriptions/s3', { subscription: { subscription_at: '2024-04-01T00:00:00Z' } }, 422);
    const charge = (await get('/plans/basic')).plan.charges[0];
    const next = (await put('/plans/basic', { plan: { name: 'Basic 2', invoice_display_name: null, description: null, amount_cents: 1100, tax_codes: [], applies_to: 'at_renewal',
      effective_at: '2024-03-01T00:00:00Z', charges: [{ [face === 'native' ? 'id' : 'lago_id']: idOf(charge), properties: { amount: '0.6' } }] } })).plan;
    checks.is(`${face}: the next version`, [next.version, next.applies_to, next.charges.length, idOf(next.charges[0])], [2, 'at_renewal', 1, idOf(charge)]);
    await put('/plans/basic', { plan: { interval: 'weekly' } }, 422);
    await put('/plans/none', { plan: { name: 'x' } }, 404);
    const versions = (await get('/plans/basic/versions')).versions;
    checks.is(`${face}: all versions`, versions.map((one) => one.amount_cents), [1000, 1100]);
    await put('/taxes/vat', { tax: { name: 'VAT 19', rate: '19', description: null } });
    await put('/taxes/vat', { tax: { rate: '101' } }, 422);
    await post('/taxes', { tax: { name: 'Gone', code: 'gone', rate: '1' } });
    await del('/taxes/gone');
    await del('/taxes/gone', 404);
    await post('/billing_entities', { billing_entity: { code: 'old' } });
    await post('/billing_entities/old/archive', undefined, 200);
    await post('/billing_entities/default/archive', undefined, 405);
    await del('/plans/pro');
    await del('/plans/pro', 404);
    await del('/customers/slow');
    await get('/customers/slow', 404);
    await del('/customers/slow', 404);

    // The catalogue as a document, and the trail of it all.
    const catalog = await get('/catalog');
    await post('/catalog/diff', catalog, 200);
    await post('/catalog/diff', { plan: [] }, 422);
    await put('/catalog', { billing_entities: [{ code: 'default', name: 'Cloud & Co.' }], taxes: [{ code: 'low', name: 'Low', rate: '7' }] });
    await put('/catalog', { taxes: [{ code: 'low' }, { code: 'none' }] }, 422);
    await get('/audit_entries');
    await get('/audit_entries?object_id=none', 422);
    await get('/audit/anchors');

    // What comes so late that nothing corrects it any more; the end bills May.
    await get('/late_usage');
    await clock('2024-05-02T00:00:00Z', true);
    await post('/events', { event: { transaction_id: 'late', external_subscription_id: 's1', code: 'gb', timestamp: '2024-01-09T13:00:00Z', properties: { gb: 1 } } }, 200);

    // The end, and what is refused after it.
    await del('/subscriptions/s1');
    const late = (await get('/late_usage?external_customer_id=acme')).late_usage;
    checks.is(`${face}: too late`, late.map((one) => [one.code, one.reason, one.events_count, one.amount_cents]), [['gb', 'too_old', 1, 50]]);
    await del(`/late_usage/${idOf(late[0])}`, 204);
    await del(`/late_usage/${idOf(late[0])}`, 404);
    await del('/subscriptions/none', 404);
    // At least 31.00 a month is 1.00 for one day; 0.25 used at the instant of the end leaves 0.75, and each of the two fees tells of the other.
    await post('/plans', { plan: { name: 'Least', code: 'least', interval: 'monthly', amount_cents: 0, amount_currency: 'EUR', charges: [{ billable_metric_id: metrics.gb, charge_model: 'standard', min_amount_cents: 3100, properties: { amount: '1' } }] } });
    await post('/customers', { customer: { external_id: 'least', name: 'Least', currency: 'EUR' } });
    await post('/subscriptions', { subscription: { external_customer_id: 'least', external_id: 's7', plan_code: 'least', billing_time: 'calendar' } });
    await post('/events', { event: { transaction_id: 'least', external_subscription_id: 's7', code: 'gb', properties: { gb: 0.25 } } }, 200);
    await del('/subscriptions/s7');
    const usageOf = (await get('/fees?external_customer_id=least&fee_type=charge')).fees.sort((a, b) => a.amount_cents - b.amount_cents);
    const [topUp, topped] = face === 'native' ? ['true_up_fee_id', 'true_up_parent_fee_id'] : ['lago_true_up_fee_id', 'lago_true_up_parent_fee_id'];
    checks.is(`${face}: a true-up`, usageOf.map((fee) => [fee.amount_cents, fee.units, fee.is_true_up, fee[topUp], fee[topped], fee.to_date]),
      [[25, '0.25', false, idOf(usageOf[1]), null, '2024-05-02T00:00:00Z'], [75, '1', true, null, idOf(usageOf[0]), '2024-05-02T00:00:00Z']]);

    // Each fee, among them that of the vendor's cost, follows from the facts still.
    const all = (await get('/fees?per_page=100')).fees;
    checks.is(`${face}: the vendor's 10.00 and 10% of it`, all.filter((fee) => fee.vendor_cost).map((fee) => [fee.vendor_cost, fee.amount_cents]), [['10', 1100]]);
    for (const fee of all) {
      const { explanation } = await get(`/fees/${idOf(fee)}/explanation`);
      checks.is(`${face}: ${fee.item.code} is explained`, explain(explanation, fee), []);
    }
    await put('/test_clock', { test_clock: { now: '2024-02-01T00:00:00Z' } }, 422);
    await get('/subscriptions?status[]=terminated');
  } finally {
    await server.stop();
    await gateway.stop();
  }
}

for (const face of Object.keys(PREFIX)) await walk(face);
checks.end();
