// Ingest under kill -9: several clients, single events and batches, repeats mixed in.  The driver
// keeps its own ledger of what it was told.  After each kill the rows are compared with it: each
// acknowledged event is there once, nothing is there that was not sent; then whatever was not
// acknowledged is sent again, and the answers must say "duplicate" for exactly what was stored.
import { databaseNew, databaseDrop, rowsOf, Server, sleep, sql, verify } from './world.mjs';

const SUBSCRIPTIONS = ['s1', 's2', 's3', 's4', 'later']; // the last is not known: unmatched
const CLIENTS = 5;
const DAY_MS = 86400000;

export async function ingestTemplate() {
  const database = databaseNew();
  const server = await Server.start(database);
  await server.setClock('2024-02-01T00:00:00Z');
  await server.must('POST', '/billable_metrics', { billable_metric: { code: 'calls', name: 'Calls', aggregation_type: 'count_agg' } });
  await server.must('POST', '/billable_metrics', { billable_metric: { code: 'gb', name: 'GB', aggregation_type: 'sum_agg', field_name: 'size' } });
  await server.must('POST', '/plans', { plan: { code: 'p', name: 'P', interval: 'monthly', amount_cents: 1000, amount_currency: 'EUR' } });
  for (const [index, zone] of ['UTC', 'America/New_York'].entries()) {
    await server.must('POST', '/customers', { customer: { external_id: `c${index}`, currency: 'EUR', timezone: zone } });
    for (const n of [1, 2]) await server.must('POST', '/subscriptions', { subscription: { external_customer_id: `c${index}`, external_id: `s${index * 2 + n}`, plan_code: 'p' } });
  }
  await server.setClock('2024-02-10T12:00:00Z');
  await server.stop();
  return database;
}

export class IngestWorld {
  constructor(template, chance, servers, report) {
    Object.assign(this, { chance, report, wanted: servers, servers: [], next: 0, ledger: new Map(), now: Date.parse('2024-02-10T12:00:00Z') });
    this.database = databaseNew(template);
  }

  async open() {
    while (this.servers.length < this.wanted) this.servers.push(await Server.start(this.database));
  }

  async close() {
    for (const server of this.servers) await server.stop();
    databaseDrop(this.database);
  }

  wrong(what) { this.report(what); }

  newEvent() {
    const { chance } = this;
    const event = {
      transaction_id: `t${++this.next}`,
      external_subscription_id: chance.pick(SUBSCRIPTIONS),
      code: chance.pick(['calls', 'gb']),
      timestamp: new Date(this.now - chance.between(0, 9 * DAY_MS)).toISOString(),
      properties: {},
    };
    if (event.code === 'gb') event.properties.size = `${chance.between(1, 99)}.${chance.between(1, 9)}`;
    const entry = { event, acknowledged: false, accepted: 0 };
    this.ledger.set(event.transaction_id, entry);
    return entry;
  }

  // What a request carries: new ones, and some that were sent before, acknowledged or not.
  someEntries() {
    const { chance } = this;
    const size = chance.one(3) ? 1 : chance.between(2, 40);
    const entries = [];
    for (let i = 0; i < size; i++) {
      if (this.next > 0 && chance.one(4)) entries.push(this.ledger.get(`t${chance.between(1, this.next)}`));
      else entries.push(this.newEvent());
      if (chance.one(20)) entries.push(entries[i]); // twice in one request
    }
    return entries;
  }

  async send(server, entries) {
    const single = entries.length === 1;
    const answer = single ? await server.call('POST', '/events', { event: entries[0].event })
      : await server.call('POST', '/events/batch', { events: entries.map((entry) => entry.event) });
    if (answer.status === 503 || (this.isCut && answer.status === 500)) return null;
    if (answer.status !== 200) { this.wrong(`status ${answer.status}: ${JSON.stringify(answer.json)}`); return null; }
    const results = single ? [answer.json.event] : answer.json.events;
    for (const [index, { outcome, differs }] of results.entries()) {
      const entry = entries[index];
      entry.acknowledged = true;
      if (outcome === 'accepted') entry.accepted++;
      if (entry.accepted > 1) this.wrong(`${entry.event.transaction_id} was accepted twice`);
      if (differs) this.wrong(`${entry.event.transaction_id} is said to differ from what was stored`);
    }
    return results;
  }

  // One client: requests one after the other until its server is gone.
  async client(server, work) {
    while (!work.over) {
      const entries = this.someEntries();
      work.sent++;
      work.inFlight += 1;
      work.onSent();
      try {
        await this.send(server, entries);
        work.answered++;
        work.inFlight--;
        work.onAnswer();
      } catch { return; } // whatever it was, it is not acknowledged
    }
  }

  // Compares the rows with the ledger; returns the stored transaction ids.
  async compare() {
    const rows = await rowsOf(this.database, 'event', 'event_unmatched', 'event_key');
    const stored = new Set();
    for (const row of [...rows.event, ...rows.event_unmatched]) {
      if (stored.has(row.transaction_id)) this.wrong(`${row.transaction_id} is stored twice`);
      if (!this.ledger.has(row.transaction_id)) this.wrong(`${row.transaction_id} was never sent`);
      stored.add(row.transaction_id);
    }
    if (rows.event_key.length !== stored.size) this.wrong(`${rows.event_key.length} keys for ${stored.size} events`);
    for (const [id, entry] of this.ledger)
      if (entry.acknowledged && !stored.has(id)) this.wrong(`${id} was acknowledged and is lost`);
    return stored;
  }

  // The driver's own day totals against the running totals.
  async compareTotals() {
    const { usage_day: days } = await rowsOf(this.database, 'usage_day');
    let want = 0;
    let got = 0;
    let wantTenths = 0;
    let gotTenths = 0;
    for (const { event } of this.ledger.values()) {
      if (event.external_subscription_id === 'later') continue;
      want++;
      if (event.code === 'gb') wantTenths += Math.round(Number(event.properties.size) * 10);
    }
    for (const day of days) {
      got += Number(day.event_count);
      gotTenths += Math.round(Number(day.sum) * 10);
    }
    if (got !== want) this.wrong(`the running totals count ${got} events, the driver ${want}`);
    if (gotTenths !== wantTenths) this.wrong(`the running totals hold ${gotTenths / 10} GB, the driver ${wantTenths / 10}`);
  }

  async sendAgain(stored) {
    const open = [...this.ledger.values()].filter((entry) => !entry.acknowledged);
    for (let i = 0; i < open.length; i += 50) {
      const some = open.slice(i, i + 50);
      const results = await this.send(this.chance.pick(this.servers), some);
      if (results === null) { this.wrong('what was not acknowledged could not be sent again'); continue; }
      for (const [index, entry] of some.entries()) {
        const was = stored.has(entry.event.transaction_id);
        if (was !== (results[index].outcome === 'duplicate'))
          this.wrong(`${entry.event.transaction_id} was ${was ? '' : 'not '}stored, and is answered as ${results[index].outcome}`);
      }
    }
    return open.filter((entry) => stored.has(entry.event.transaction_id)).length;
  }

  // One kill; returns where it hit.
  async round() {
    const { chance } = this;
    const victim = chance.between(0, this.servers.length - 1);
    const work = { sent: 0, answered: 0, inFlight: 0, over: false, onSent() {}, onAnswer() {} };
    const moment = new Promise((resolve) => {
      const kind = chance.between(1, 3);
      const nth = chance.between(1, 25);
      if (kind === 1) setTimeout(resolve, chance.real() * 80); // any time
      else if (kind === 2) work.onAnswer = () => { if (work.answered === nth) resolve(); }; // just as an answer comes
      else work.onSent = () => { if (work.sent === nth) setTimeout(resolve, chance.real() * 4); }; // while one is at work
      setTimeout(resolve, 2000);
    });
    const clients = [];
    for (let i = 0; i < CLIENTS; i++) clients.push(this.client(this.servers[i % this.servers.length], work));
    await moment;
    const { inFlight, answered } = work;
    await this.servers[victim].kill();
    work.over = true;
    await Promise.all(clients);
    this.servers.splice(victim, 1);
    const [stored] = await Promise.all([this.compare(), this.open()]);
    const unanswered = await this.sendAgain(stored);
    await this.compareTotals();
    const found = await verify(this.database);
    if (found !== '') this.wrong(`verify: ${found}`);
    if (chance.one(4)) { // repeats come on another day than the first
      this.now += DAY_MS;
      for (const server of this.servers) await server.setClock(new Date(this.now).toISOString());
    }
    if (inFlight === 0) return 'nothing at work';
    if (unanswered > 0) return 'after a commit, before its answer';
    return answered === 0 ? 'before the first answer' : 'before a commit';
  }

  // PostgreSQL's connections are cut again and again meanwhile; nobody dies.
  async roundOfCuts() {
    const { chance } = this;
    const work = { sent: 0, answered: 0, inFlight: 0, over: false, onSent() {}, onAnswer() {} };
    const clients = [];
    for (let i = 0; i < CLIENTS; i++) clients.push(this.client(this.servers[i % this.servers.length], work));
    let cuts = 0;
    this.isCut = true; // a commit whose answer was cut off is 500: nobody knows
    for (let i = 0; i < 4; i++) {
      await sleep(chance.real() * 20);
      cuts += Number(sql(this.database, 'SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()'));
    }
    work.over = true;
    await Promise.all(clients);
    this.isCut = false;
    const stored = await this.compare();
    await this.sendAgain(stored);
    await this.compareTotals();
    const found = await verify(this.database);
    if (found !== '') this.wrong(`verify: ${found}`);
    return cuts;
  }
}
