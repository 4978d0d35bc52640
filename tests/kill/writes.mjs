// Writes with an Idempotency-Key under kill -9: what was not answered is sent again with the same
// key.  Each has one effect, and its answer is that of the effect; what was answered is answered
// the same again.
import { databaseDrop, databaseNew, rowsOf, Server, verify } from './world.mjs';

const CLIENTS = 10;

export class WritesWorld {
  constructor(template, chance, report) {
    Object.assign(this, { chance, report, next: 0, writes: [], database: databaseNew(template) });
  }

  wrong(what) { this.report(what); }

  async open() {
    this.server = await Server.start(this.database);
    const { invoices } = await this.server.must('GET', '/invoices?status=finalized&per_page=20');
    this.invoices = invoices.map((invoice) => invoice.billow_id ?? invoice.id ?? invoice.lago_id);
  }

  async close() {
    await this.server.stop();
    databaseDrop(this.database);
  }

  // A payment, which would be made twice, or a tax, whose second would be refused.
  newWrite() {
    const { chance } = this;
    const name = `w${++this.next}`;
    const write = chance.one(3)
      ? { name, table: 'tax', path: '/taxes', body: { tax: { code: name, name, rate: '7' } } }
      : { name, table: 'payment', path: '/payments', body: { payment: { invoice_id: chance.pick(this.invoices), amount_cents: 1, reference: name } } };
    this.writes.push(write);
    return write;
  }

  send({ name, path, body }) { return this.server.call('POST', path, body, { 'Idempotency-Key': `key-${name}` }); }

  async client(work) {
    while (!work.over) {
      const write = this.newWrite();
      work.sent++;
      work.onSent();
      try {
        write.answer = await this.send(write);
      } catch { return; }
      if (write.answer.status !== 201) this.wrong(`${write.name}: ${write.answer.status} ${JSON.stringify(write.answer.json)}`);
      work.answered++;
      work.onAnswer();
    }
  }

  // Which effects there are: name → ids.
  async effects() {
    const { payment: payments, tax: taxes } = await rowsOf(this.database, 'payment', 'tax');
    const effects = new Map();
    const add = (name, id) => effects.set(name, [...(effects.get(name) || []), id]);
    for (const row of payments) if (row.reference !== null) add(row.reference, row.id);
    for (const row of taxes) add(row.code, row.id);
    return effects;
  }

  // One kill; returns where it hit.
  async round() {
    const { chance } = this;
    this.writes = [];
    const work = { sent: 0, answered: 0, over: false, onSent() {}, onAnswer() {} };
    const moment = new Promise((resolve) => {
      const nth = chance.between(1, 20);
      if (chance.one(2)) work.onAnswer = () => { if (work.answered === nth) resolve(); };
      else work.onSent = () => { if (work.sent === nth) setTimeout(resolve, chance.real() * 4); };
      setTimeout(resolve, 2000);
    });
    const clients = [];
    for (let i = 0; i < CLIENTS; i++) clients.push(this.client(work));
    await moment;
    await this.server.kill();
    work.over = true;
    await Promise.all(clients);
    const before = await this.effects();
    this.server = await Server.start(this.database);
    let hidden = 0; // took effect, and nobody was told
    for (const write of this.writes) {
      const had = before.get(write.name) || [];
      if (had.length > 1) this.wrong(`${write.name} took effect ${had.length} times`);
      if (write.answer !== undefined && had.length === 0) this.wrong(`${write.name} was answered and is lost`);
      if (write.answer === undefined && had.length === 1) hidden++;
      const again = await this.send(write);
      const replayed = again.headers['idempotency-replayed'] === 'true';
      if (again.status !== 201) this.wrong(`${write.name} again: ${again.status} ${JSON.stringify(again.json)}`);
      if (replayed !== (had.length === 1)) this.wrong(`${write.name} had ${had.length === 1 ? 'an' : 'no'} effect, and its answer is ${replayed ? '' : 'not '}the kept one`);
      if (had.length === 1 && !JSON.stringify(again.json).includes(had[0])) this.wrong(`the answer of ${write.name} is not of its effect`);
      if (write.answer !== undefined && JSON.stringify(again.json) !== JSON.stringify(write.answer.json)) this.wrong(`${write.name} is answered in another way again`);
    }
    const after = await this.effects();
    for (const { name } of this.writes)
      if ((after.get(name) || []).length !== 1) this.wrong(`${name} took effect ${(after.get(name) || []).length} times in the end`);
    const found = await verify(this.database);
    if (found !== '') this.wrong(`verify: ${found}`);
    if (hidden > 0) return 'after a commit, before its answer';
    return work.answered === 0 ? 'before the first answer' : 'before a commit';
  }
}
