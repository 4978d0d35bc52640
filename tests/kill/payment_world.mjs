// A server, the sandbox gateway, and a customer with a browser, for the tests of payments.  All that
// they say to each other passes a relay, so that addresses stay when a process is started again,
// and a test can let one die at a given message.
import { spawn } from 'node:child_process';
import { Agent, createServer, request } from 'node:http';
import { createInterface } from 'node:readline';
import { BILLOW, databaseNew, databaseDrop, filePath, kill, run, Server, track } from './world.mjs';

const KEY = 'sandbox-test-key';
export const SECRET = `whsec_${Buffer.from('a secret of 32 bytes for webhooks').toString('base64')}`;
const WAIT_MS = 30000;

export const CARDS = {
  good: '4242424242424242', approve: '4000002760003184', approveThenPoor: '4000008260003178', poor: '4000000000009995',
  expired: '4000000000000069', lost: '4000000000009987', stolen: '4000000000009979', doNotHonor: '4000000000000101',
  declined: '4000000000000002', cvc: '4000000000000127', processing: '4000000000000119',
  silentPaid: '4000000000000507', silentLost: '4000000000000606',
};

// One request; rejected when no whole answer comes.
export function send(url, method = 'GET', { headers = {}, body, agent, timeout = WAIT_MS } = {}) {
  return new Promise((resolve, reject) => {
    const req = request(url, { method, headers: { ...headers, ...(body === undefined ? {} : { 'Content-Length': Buffer.byteLength(body) }) }, agent, timeout }, (answer) => {
      const parts = [];
      answer.on('data', (part) => parts.push(part));
      answer.on('end', () => (answer.complete ? resolve({ status: answer.statusCode, headers: answer.headers, text: Buffer.concat(parts).toString() }) : reject(new Error('half an answer'))));
      answer.on('error', reject);
    });
    req.on('timeout', () => req.destroy(new Error('no answer')));
    req.on('error', reject);
    req.end(body);
  });
}

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
const isDead = (child) => Promise.race([child.gone.then(() => true), new Promise((resolve) => { setTimeout(resolve, 30, false); })]);

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
    return { BILLOW_SANDBOX_GATEWAY_URL: this.toGateway.url, BILLOW_SANDBOX_GATEWAY_KEY: KEY, BILLOW_SANDBOX_GATEWAY_SECRET: SECRET };
  }

  async startServer() {
    this.server = await Server.start(this.database, this.env);
    this.toServer.port = this.server.port;
  }

  async startGateway() {
    const child = track(spawn(BILLOW, ['sandbox-gateway', '--listen', '127.0.0.1:0', '--address', this.toGateway.url, '--state', this.state,
      '--webhook-url', `${this.toServer.url}/webhooks/gateways/sandbox`], { env: { ...process.env, ...this.env }, stdio: ['ignore', 'pipe', 'pipe'] }));
    this.gateway = child;
    this.gatewayLog = '';
    child.stderr.on('data', (data) => { this.gatewayLog = (this.gatewayLog + data).slice(-4000); });
    const bound = await new Promise((resolve, reject) => {
      child.once('exit', () => reject(new Error(`the gateway ended at once: ${this.gatewayLog}`)));
      createInterface({ input: child.stdout }).once('line', resolve);
    });
    const at = bound.match(/^sandbox gateway on .*, listening on 127\.0\.0\.1:(\d+)$/);
    if (!at) throw new Error(bound);
    this.toGateway.port = Number(at[1]);
  }

  async killServer() { await this.server.kill(); }

  async killGateway() { await kill(this.gateway); }

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

  // ---- the gateway ----

  async ask(method, path, body) {
    const answer = await send(`http://127.0.0.1:${this.toGateway.port}${path}`, method,
      { headers: { Authorization: `Bearer ${KEY}`, 'Content-Type': 'application/json' }, body: body === undefined ? undefined : JSON.stringify(body) });
    if (answer.status !== 200) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
    return JSON.parse(answer.text);
  }

  control(what) { return this.ask('POST', '/v1/test', what); }

  async charges(invoice) { return (await this.ask('GET', '/v1/charges')).charges.filter((charge) => charge.reference.startsWith(invoice)); }

  // Until every webhook was taken; those put off are sent at once.
  async flush() {
    const until = Date.now() + WAIT_MS;
    await this.control({ hold: true });
    await this.control({ hold: false });
    for (;;) {
      const { events } = await this.ask('GET', '/v1/events');
      if (events.every((event) => event.delivered)) return;
      if (Date.now() > until) throw new Error('webhooks are not taken');
      await new Promise((resolve) => { setTimeout(resolve, 10); });
    }
  }

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
