// Billing and imports under kill -9: killed and started again until done, they end in the content of
// a run that nobody killed: every row but for ids, so invoices, numbers, fees, books, audit trail.
import { contentOf, contentText, databaseDrop, databaseNew, kill, run, Server, sleep, sql, start, verify } from './world.mjs';
import { writeFileSync } from 'node:fs';

const CUSTOMERS = 24;
const END = '2024-04-03T00:00:00Z';

// A quarter of 24 customers: in advance and in arrears, zones, grace periods, usage, events that are
// billed by themselves on invoices and alone, vendor cost.
async function makeWorld(path) {
  const database = databaseNew();
  const server = await Server.start(database);
  await server.setClock('2024-01-01T00:00:00Z');
  await server.must('POST', '/taxes', { tax: { code: 'vat', name: 'VAT', rate: '19', applied_to_organization: true } });
  await server.must('POST', '/billable_metrics', { billable_metric: { code: 'calls', name: 'Calls', aggregation_type: 'count_agg' } });
  await server.must('POST', '/billable_metrics', { billable_metric: { code: 'boxes', name: 'Boxes', aggregation_type: 'sum_agg', field_name: 'n', recurring: true } });
  const charges = [{ billable_metric_code: 'calls', charge_model: 'standard', properties: { amount: '0.25' } },
    { billable_metric_code: 'boxes', code: 'boxes', charge_model: 'standard', pay_in_advance: true, properties: { amount: '2' } },
    { billable_metric_code: 'boxes', code: 'alone', charge_model: 'standard', pay_in_advance: true, invoiceable: false, properties: { amount: '0.1', pricing_group_keys: ['kind'] } }];
  await server.must('POST', '/plans', { plan: { code: 'arrears', name: 'Arrears', interval: 'monthly', amount_cents: 1000, amount_currency: 'EUR', charges } });
  await server.must('POST', '/plans', { plan: { code: 'advance', name: 'Advance', interval: 'monthly', amount_cents: 2000, amount_currency: 'EUR', pay_in_advance: true, charges } });
  await server.must('PUT', '/billing_entities/default', { billing_entity: { document_numbering: 'per_billing_entity' } });
  await server.must('POST', '/resale_rules', { resale_rule: { code: 'default', name: 'Default', method: 'markup', percent: '15' } });
  const events = [];
  for (let i = 0; i < CUSTOMERS; i++) {
    const zone = ['UTC', 'America/New_York', 'Asia/Tokyo'][i % 3];
    await server.must('POST', '/customers', { customer: { external_id: `c${i}`, currency: 'EUR', timezone: zone, ...(i % 4 === 1 ? { billing_configuration: { invoice_grace_period: 3 } } : {}) } });
    await server.must('POST', '/subscriptions', { subscription: { external_customer_id: `c${i}`, external_id: `s${i}`, plan_code: i % 2 === 0 ? 'arrears' : 'advance', billing_time: i % 5 === 0 ? 'anniversary' : 'calendar' } });
    if (i < 8) await server.must('POST', '/vendor_accounts', { vendor_account: { external_customer_id: `c${i}`, provider_name: 'Acme', sub_account_id: `a${i}` } });
    for (let j = 0; j < 6; j++) events.push({ transaction_id: `t${i}-${j}`, external_subscription_id: `s${i}`, code: 'calls', timestamp: `2024-0${1 + j % 3}-1${j}T12:00:00Z` });
  }
  for (let i = 0; i < CUSTOMERS; i += 3)
    for (let j = 0; j < 3; j++) events.push({ transaction_id: `b${i}-${j}`, external_subscription_id: `s${i}`, code: 'boxes', timestamp: `2024-0${1 + j}-05T12:00:00Z`, properties: { n: 2 + j, kind: j % 2 } });
  await server.setClock('2024-03-20T00:00:00Z'); // nothing is billed yet
  await server.must('POST', '/events/batch', { events });
  await server.stop();
  writeFocus(path);
  return database;
}

const HEAD = 'BilledCost,BillingAccountId,BillingAccountName,BillingCurrency,BillingPeriodEnd,BillingPeriodStart,ChargeCategory,ChargeClass,ChargeDescription,ChargePeriodEnd,ChargePeriodStart,ContractedCost,EffectiveCost,InvoiceIssuerName,ListCost,PricingQuantity,PricingUnit,ProviderName,PublisherName,ServiceCategory,ServiceName,SubAccountId,SubAccountName';

// Two months of 8 sub-accounts that customers have and 4 that nobody has.
function writeFocus(path) {
  const lines = [HEAD];
  for (let i = 0; i < 600; i++) {
    const month = i % 2 === 0 ? ['2024-01-01T00:00:00Z', '2024-02-01T00:00:00Z'] : ['2024-02-01T00:00:00Z', '2024-03-01T00:00:00Z'];
    lines.push(`${i % 50}.${i % 7}1,0099,Main,EUR,${month[1]},${month[0]},Usage,,hours ${i},${month[1]},${month[0]},0.9,0.8,Acme,1.2,1,Hours,Acme,Acme,Compute,VM ${i % 5},a${i % 12},Sub ${i % 12}`);
  }
  writeFileSync(path, `${lines.join('\n')}\n`);
}

async function must(...args) {
  const { code, output } = await run(...args);
  if (code !== 0) throw new Error(`billow ${args.join(' ')}: ${code} ${output}`);
}

// The templates, and what undisturbed runs make of them.
export class BillingWorlds {
  static async make(focusPath) {
    const self = new BillingWorlds();
    self.focusPath = focusPath;
    self.before = await makeWorld(focusPath);
    self.beforeContent = await contentOf(self.before);
    self.imported = databaseNew(self.before);
    let at = performance.now();
    await must('import', 'focus', focusPath, '--database', self.imported.url);
    self.importMs = performance.now() - at;
    self.importedContent = await contentOf(self.imported);
    // All is due: the clock has gone on, the work was left.
    self.due = databaseNew(self.imported);
    const server = await Server.start(self.due);
    await server.setClock(END);
    await server.stop();
    self.dueContent = await contentOf(self.due);
    const billed = databaseNew(self.due);
    at = performance.now();
    await must('bill', '--database', billed.url);
    self.billMs = performance.now() - at;
    self.billedContent = await contentOf(billed);
    self.billedText = await contentText(billed);
    // The same by the server, which signs the audit trail with another name.
    const served = databaseNew(self.imported);
    const by = await Server.start(served);
    await by.setClock(END, true);
    await by.stop();
    self.servedContent = await contentOf(served);
    self.servedText = await contentText(served);
    databaseDrop(served);
    const found = await verify(billed);
    if (found !== '') throw new Error(`the run that nobody killed: ${found}`);
    const again = databaseNew(self.due);
    await must('bill', '--database', again.url, '--threads', '1');
    if (await contentOf(again) !== self.billedContent) throw new Error('two runs that nobody killed differ');
    databaseDrop(again);
    self.billed = billed;
    return self;
  }

  drop() { for (const database of [this.before, this.imported, this.due, this.billed]) databaseDrop(database); }
}

function firstDifference(want, got) {
  const wanted = new Set(want.split('\n'));
  const other = new Set(got.split('\n'));
  const missing = [...wanted].filter((line) => !other.has(line)).slice(0, 3);
  const more = [...other].filter((line) => !wanted.has(line)).slice(0, 3);
  return `missing:\n      ${missing.join('\n      ')}\n    too many:\n      ${more.join('\n      ')}`;
}

async function checkBilled(database, wantedContent, wantedText, report) {
  if (await contentOf(database) !== wantedContent)
    report(`not the books of a run that nobody killed; ${firstDifference(wantedText, await contentText(database))}`);
  const found = await verify(database);
  if (found !== '') report(`verify: ${found}`);
}

const KINDS = {
  // `billow bill`
  bill: (worlds, database) => start('bill', '--database', database.url),
  // two of them at once; the first is killed
  two: (worlds, database) => {
    const other = start('bill', '--database', database.url);
    return { ...start('bill', '--database', database.url), other };
  },
};

// Kills runs of `kind` on one world until it is done; calls back with where each kill hit.
export async function billUntilDone(worlds, kind, chance, report, hit, killsMax) {
  const database = databaseNew(worlds.due);
  let last = worlds.dueContent;
  for (let kills = 0; ;) {
    const { child, done, other } = KINDS[kind](worlds, database);
    const killed = kills < killsMax;
    if (killed) {
      await sleep(chance.real() * worlds.billMs * 1.1);
      await kill(child);
    }
    const result = await done;
    if (other !== undefined) {
      const { code, output } = await other.done;
      if (code !== 0) report(`the other run ended with ${code}: ${output}`);
    }
    if (result.signal === null && result.code === 0) break;
    if (result.signal === null) { report(`ended with ${result.code}: ${result.output}`); break; }
    kills++;
    const content = await contentOf(database);
    if (content === worlds.dueContent) hit('before the first commit');
    else if (content === worlds.billedContent) hit('after the last commit');
    else hit(content === last ? 'within a run, nothing new' : 'between commits');
    last = content;
    const found = await verify(database);
    if (found !== '') report(`verify after a kill: ${found}`);
  }
  await checkBilled(database, worlds.billedContent, worlds.billedText, report);
  databaseDrop(database);
}

// The server's own way: the clock is set and the work done within one request.
export async function serveUntilDone(worlds, chance, report, hit, killsMax) {
  const database = databaseNew(worlds.imported);
  let before = worlds.importedContent;
  for (let kills = 0; ;) {
    const server = await Server.start(database);
    const request = server.setClock(END, true).then(() => true, () => false);
    if (kills === killsMax) {
      if (!await request) report('the clock could not be set');
      await server.stop();
      break;
    }
    const pause = chance.real() * worlds.billMs * 0.9;
    const over = await Promise.race([request, sleep(pause).then(() => null)]);
    await server.kill();
    await request;
    kills++;
    const content = await contentOf(database);
    if (over !== null) hit('after the answer');
    else if (content === worlds.servedContent) hit('after the last commit');
    else hit(content === before ? 'before a commit' : 'between commits');
    before = content;
    const found = await verify(database);
    if (found !== '') report(`verify after a kill: ${found}`);
  }
  await checkBilled(database, worlds.servedContent, worlds.servedText, report);
  databaseDrop(database);
}

// All or nothing: after a kill the database is as before or as after.
export async function importUntilDone(worlds, chance, report, hit, killsMax) {
  const database = databaseNew(worlds.before);
  for (let kills = 0; ;) {
    const { child, done } = start('import', 'focus', worlds.focusPath, '--database', database.url);
    if (kills < killsMax) {
      await sleep(chance.real() * worlds.importMs * 1.1);
      await kill(child);
    }
    const result = await done;
    if (result.signal === null && result.code === 0) break;
    if (result.signal === null) { report(`ended with ${result.code}: ${result.output}`); break; }
    kills++;
    const content = await contentOf(database);
    if (content === worlds.beforeContent) hit('before the commit');
    else if (content === worlds.importedContent) hit('after the commit');
    else { hit('half done'); report('a killed import left a part of the file'); }
  }
  if (await contentOf(database) !== worlds.importedContent) report('not what an import that nobody killed leaves');
  const found = await verify(database);
  if (found !== '') report(`verify: ${found}`);
  databaseDrop(database);
}

// PostgreSQL's connections are cut while it bills: ended with a clear error or not, run again.
export async function billUnderCuts(worlds, chance, report) {
  const database = databaseNew(worlds.due);
  let cuts = 0;
  for (let tries = 0; tries < 20; tries++) {
    const { done } = start('bill', '--database', database.url);
    if (tries < 4) {
      await sleep(chance.real() * worlds.billMs);
      cuts += Number(sql(database, 'SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()'));
    }
    const { code, output } = await done;
    if (code === 0) break;
    if (!/connection|database|PostgreSQL|server/i.test(output)) report(`no clear error: ${output}`);
  }
  await checkBilled(database, worlds.billedContent, worlds.billedText, report);
  databaseDrop(database);
  return cuts;
}
