// An HTTP server that is told of changes: keeps what it was sent, answers as it is bidden, and
// proves signatures by Node's own crypto.
import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';

const PATIENCE_MS = 30000;

export class Receiver {
  static async start() {
    const self = new Receiver();
    self.got = []; // { path, headers, body }
    self.waiting = [];
    self.answers = new Map(); // by path: (request, response) => …; others are answered 200
    self.server = createServer((req, res) => self.take(req, res));
    await new Promise((resolve) => { self.server.listen(0, '127.0.0.1', resolve); });
    self.url = `http://127.0.0.1:${self.server.address().port}`;
    return self;
  }

  async take(req, res) {
    const parts = [];
    for await (const part of req) parts.push(part);
    this.got.push({ path: req.url, method: req.method, headers: req.headers, body: Buffer.concat(parts).toString() });
    const answer = this.answers.get(req.url);
    if (answer) answer(req, res); else res.writeHead(200).end('thanks');
    for (const waiting of this.waiting.splice(0)) waiting();
  }

  // Answers so at a path from now on.
  set(path, status, headers = {}, text = '') {
    this.answers.set(path, (req, res) => res.writeHead(status, headers).end(text));
  }

  at(path) { return this.got.filter((one) => one.path === path); }

  // All that came to a path, once there are so many.
  async wait(path, count) {
    const end = Date.now() + PATIENCE_MS;
    while (this.at(path).length < count) {
      const left = end - Date.now();
      if (left <= 0) throw new Error(`${path} was sent ${this.at(path).length} of ${count}`);
      let timer;
      await new Promise((resolve) => { this.waiting.push(resolve); timer = setTimeout(resolve, left); });
      clearTimeout(timer);
    }
    return this.at(path);
  }

  stop() { this.server.closeAllConnections(); this.server.close(); }
}

// Which of the secrets signed it, as Standard Webhooks say: HMAC-SHA256 over ID.TIMESTAMP.BODY.
export function signers({ headers, body }, secrets) {
  const text = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
  const sent = headers['webhook-signature'].split(' ');
  return secrets.filter((secret) => {
    const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
    return sent.includes(`v1,${createHmac('sha256', key).update(text).digest('base64')}`);
  });
}

export const lagoSignature = (key, body) => createHmac('sha256', key).update(body).digest('base64');
