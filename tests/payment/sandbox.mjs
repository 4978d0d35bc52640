// sandbox.mjs: a `billow sandbox-gateway` as tests use it: started on a port that it finds by itself,
// asked what it did, told how to behave (src/sandbox/api.c).  Nobody but this file knows its key, its
// secret and its cards.
import { spawn } from 'node:child_process';
import { request } from 'node:http';
import { createInterface } from 'node:readline';

const PATIENCE_MS = 30000;

export const KEY = 'sandbox-test-key';
export const SECRET = `whsec_${Buffer.from('a secret of 32 bytes for webhooks').toString('base64')}`;
export const ENV = { BILLOW_SANDBOX_GATEWAY_KEY: KEY, BILLOW_SANDBOX_GATEWAY_SECRET: SECRET };

export const CARDS = {
  good: '4242424242424242', approve: '4000002760003184', approveThenPoor: '4000008260003178', poor: '4000000000009995',
  expired: '4000000000000069', lost: '4000000000009987', stolen: '4000000000009979', doNotHonor: '4000000000000101',
  declined: '4000000000000002', cvc: '4000000000000127', processing: '4000000000000119',
  silentPaid: '4000000000000507', silentLost: '4000000000000606',
};

// One request; rejected when no whole answer comes.
export function send(url, method = 'GET', { headers = {}, body, agent, timeout = PATIENCE_MS } = {}) {
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

export class Sandbox {
  // Listens on the host, at any port that is free, or at one; `args` of the command besides.
  static async start(billow, { host = '127.0.0.1', port = 0, args = [] } = {}) {
    const self = new Sandbox();
    let log = '';
    self.child = spawn(billow, ['sandbox-gateway', '--listen', `${host}:${port}`, ...args], { env: { ...process.env, BILLOW_LOG_LEVEL: 'error', ...ENV }, stdio: ['ignore', 'pipe', 'pipe'] });
    self.child.stderr.on('data', (data) => { log = (log + data).slice(-4000); });
    self.gone = new Promise((resolve) => { self.child.once('exit', resolve); });
    const line = await new Promise((resolve, reject) => {
      self.gone.then(() => reject(new Error(`the gateway ended at once: ${log}`)));
      createInterface({ input: self.child.stdout }).once('line', resolve);
    });
    const said = /^sandbox gateway on (\S+), listening on \S+:(\d+)$/.exec(line);
    if (!said) throw new Error(`the gateway says ${line}`);
    [, self.address] = said; // what browsers and Billow are to use
    self.port = Number(said[2]);
    self.url = `http://${host}:${self.port}`;
    return self;
  }

  async stop(signal = 'SIGTERM') {
    this.child.kill(signal);
    await this.gone;
  }

  async ask(method, path, body, headers = {}) {
    const answer = await send(this.url + path, method, { headers: { Authorization: `Bearer ${KEY}`, 'Content-Type': 'application/json', ...headers }, body: body === undefined ? undefined : JSON.stringify(body) });
    if (answer.status < 200 || answer.status > 299) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
    return JSON.parse(answer.text);
  }

  control(what) { return this.ask('POST', '/v1/test', what); }

  async charges(invoice = '') { return (await this.ask('GET', '/v1/charges')).charges.filter((charge) => charge.reference.startsWith(invoice)); }

  // Until every webhook was taken; those put off are sent at once.
  async flush() {
    const until = Date.now() + PATIENCE_MS;
    await this.control({ hold: true });
    await this.control({ hold: false });
    for (;;) {
      const { events } = await this.ask('GET', '/v1/events');
      if (events.every((event) => event.delivered)) return;
      if (Date.now() > until) throw new Error('webhooks are not taken');
      await new Promise((resolve) => { setTimeout(resolve, 10); });
    }
  }
}
