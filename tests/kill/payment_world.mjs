// A server, the sandbox gateway, and a customer with a browser, for the tests of payments.  All that
// they say to each other passes a relay, so that addresses stay when a process is started again,
// and a test can let one die at a given message.
import { Agent, createServer } from 'node:http';
import { CARDS, ENV, SECRET, Sandbox, send } from '../payment/sandbox.mjs';
import { BILLOW, databaseNew, databaseDrop, filePath, run, Server, track } from './world.mjs';

export { CARDS, SECRET, send };

const WAIT_MS = 30000;

// Hands requests on to where `port` says; `watch(moment, request)` is told of each, "request" before it
// is handed on, "answer" before its answer is.
class Relay {
  static async start() {
    const self = new Relay();
    self.port = 0;
    self.watch = null;
    self.agent = new Agent({ keepAlive: false });
    self.server = createServer((req, res) => self.pass(req, res));
    await new Promise((resolve) => { self.server.listen(0, '127.0.0.1', resolve); });
    self.url = `http://127.0.0.1:${self.server.address().port}`;
    return self;
  }

  async pass(req, res) {
    const parts = [];
    try {
      for await (const part of req) parts.push(part);
      if (this.watch !== null) await this.watch('request', req);
      const { 'transfer-encoding': _, connection: __, ...headers } = req.headers;
      const answer = await send(`http://127.0.0.1:${this.port}${req.url}`, req.method, { headers, body: Buffer.concat(parts), agent: this.agent });
      if (this.watch !== null) await this.watch('answer', req);
      const { 'transfer-encoding': ___, connection: ____, ...back } = answer.headers;
      res.writeHead(answer.status, back);
      res.end(answer.text);
    } catch {
      res.destroy();
    }
  }

  stop() { this.server.closeAllConnections(); this.server.close(); }
}

// A killed process is told of a moment later.
const isDead = (one) => Promise.race([one.gone.then(() => true), new Promise((resolve) => { setTimeout(resolve, 30, false); })]);

export class PayWorld {
  static async open() {
    const self = new PayWorld();
    self.database = databaseNew();
    self.toGateway = await Relay.start();
    self.toServer = await Relay.start();
    self.state = filePath(`${self.database.name}.journal`);
    self.invoices = 0;
    await self.startGateway();
    await self.startServer();
    await self.server.setClock('2024-01-01T00:00:00Z');
    self.now = Date.parse('2024-01-01T00:00:00Z');
    await self.server.must('POST', '/taxes', { tax: { code: 'vat', name: 'VAT', rate: '19', applied_to_organization: true } });
    await self.server.must('POST', '/plans', { plan: { code: 'p', name: 'Plan', interval: 'yearly', amount_cents: 10000, amount_currency: 'EUR', pay_in_advance: true } });
    return self;
  }

  get env() {
    return { ...ENV, BILLOW_SANDBOX_GATEWAY_URL: this.toGateway.url };
  }

  async startServer() {
    this.server = await Server.start(this.database, this.env);
    this.toServer.port = this.server.port;
  }

  async startGateway() {
    this.gateway = await Sandbox.start(BILLOW, { args: ['--address', this.toGateway.url, '--state', this.state, '--webhook-url', `${this.toServer.url}/webhooks/gateways/sandbox`] });
    track(this.gateway.child);
    this.toGateway.port = this.gateway.port;
  }

  async killServer() { await this.server.kill(); }

  async killGateway() { await this.gateway.stop('SIGKILL'); }

  // Starts again what is dead, also when that is not known yet.
  async revive() {
    if (await isDead(this.gateway)) await this.startGateway();
    if (await isDead(this.server.child)) await this.startServer();
  }

  // `count` finalized invoices of 11900 cents, each of a new customer.
  async makeInvoices(count) {
    const first = this.invoices;
    for (let i = 0; i < count; i++, this.invoices++) {
      await this.server.must('POST', '/customers', { customer: { external_id: `c${this.invoices}`, currency: 'EUR', email: `c${this.invoices}@example.com` } });
      await this.server.must('POST', '/subscriptions', { subscription: { external_customer_id: `c${this.invoices}`, external_id: `s${this.invoices}`, plan_code: 'p', billing_time: 'anniversary' } });
    }
    await this.later(1);
    const made = [];
    for (let i = first; i < this.invoices; i++) {
      const { invoices } = await this.server.must('GET', `/invoices?external_customer_id=c${i}`);
      if (invoices.length !== 1 || invoices[0].status !== 'finalized') throw new Error(`customer c${i} has ${JSON.stringify(invoices)}`);
      made.push(invoices[0]);
    }
    return made;
  }

  // The clock goes on, and what is due is done.
  async later(seconds) {
    this.now += seconds * 1000;
    await this.server.setClock(new Date(this.now).toISOString(), true);
  }

  control(what) { return this.gateway.control(what); }

  charges(invoice) { return this.gateway.charges(invoice); }

  flush() { return this.gateway.flush(); }

  // ---- the customer ----

  // What the browser sends for a card; resolves with the last answer.
  async pay(url, number, { approve = 'approve', timeout = WAIT_MS } = {}) {
    const post = (where, fields) => send(where, 'POST', { headers: { 'Content-Type': 'application/x-www-form-urlencoded' }, body: new URLSearchParams(fields).toString(), timeout });
    const answer = await post(url, { number, expiry: '12/34', cvc: '123', name: 'Ada Lovelace', do: 'pay' });
    if (answer.status !== 303 || !answer.headers.location.endsWith('/approve')) return answer;
    return post(`${this.toGateway.url}${answer.headers.location}`, { do: approve });
  }

  async close() {
    await this.server.stop();
    await this.killGateway();
    this.toGateway.stop();
    this.toServer.stop();
    databaseDrop(this.database);
  }

  // Words of what verify found.
  async verify() {
    const { code, output } = await run('verify', '--database', this.database.url);
    return code === 0 ? '' : output;
  }
}
