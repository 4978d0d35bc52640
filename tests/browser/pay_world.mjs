// pay_world.mjs: Billow on 127.0.0.1, the sandbox gateway on localhost (another site, for a browser),
// and a folder in which mails are caught.  Webhooks pass a relay, since each needs the other's port.
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, watch } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { CARDS, ENV, Sandbox } from '../payment/sandbox.mjs';
import { startBillow } from './server.mjs';

const PATIENCE_MS = 30000;

export { CARDS };

// Resolves with what `look` finds; it is asked again when the folder changes.
async function whenChanged(folder, look) {
  const changes = watch(folder);
  const timer = setTimeout(() => changes.emit('error', new Error(`${folder}: what is waited for does not come`)), PATIENCE_MS);
  try {
    for (;;) {
      const found = look();
      if (found)
        return found;
      await once(changes, 'change');
    }
  } finally {
    clearTimeout(timer);
    changes.close();
  }
}

// ---- mails ----

const unfold = (text) => text.replace(/\r?\n[ \t]+/g, ' ');

function decode(body, encoding) {
  if (/base64/i.test(encoding))
    return Buffer.from(body.replace(/\s/g, ''), 'base64');
  if (!/quoted-printable/i.test(encoding))
    return Buffer.from(body, 'utf8');
  return Buffer.from(body.replace(/=\r?\n/g, '').replace(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16))), 'latin1');
}

// The leaves of a message: {type, name, bytes}.
function partsOf(text) {
  const end = text.search(/\r?\n\r?\n/);
  const head = unfold(text.slice(0, end));
  const body = text.slice(end).replace(/^\r?\n\r?\n/, '');
  const header = (name) => new RegExp(`^${name}: *(.*)$`, 'im').exec(head)?.[1] ?? '';
  const type = header('Content-Type');
  const boundary = /boundary="?([^";]+)"?/i.exec(type)?.[1];
  if (!boundary)
    return [{ type: type.split(';')[0], name: /name="?([^";]+)"?/i.exec(header('Content-Disposition') || type)?.[1], bytes: decode(body, header('Content-Transfer-Encoding')) }];
  return body.split(`--${boundary}`).slice(1, -1).flatMap((part) => partsOf(part.replace(/^\r?\n/, '')));
}

export class PayWorld {
  static async open(program) {
    const world = new PayWorld();
    world.program = resolve(program);
    world.folder = mkdtempSync(join(tmpdir(), 'billow-pay-'));
    world.mailFolder = join(world.folder, 'mail');
    world.webhooks = []; // statuses of what was answered to them
    world.port = 0;
    await world.startRelay();
    await world.startGateway();
    world.billow = await startBillow(world.program, { args: ['--test-clock'], env: { ...ENV, BILLOW_SANDBOX_GATEWAY_URL: world.gatewayUrl,
      BILLOW_MAIL_FOLDER: world.mailFolder, BILLOW_MAIL_FROM: 'Northwind Cloud <billing@northwind.example>' } });
    return world;
  }

  async startRelay() {
    this.relay = createServer(async (req, res) => {
      const parts = [];
      for await (const part of req)
        parts.push(part);
      const { host: _, connection: __, 'content-length': ___, ...headers } = req.headers;
      const answer = await fetch(`${this.billow.base}${req.url}`, { method: req.method, headers, body: Buffer.concat(parts) }).catch(() => null);
      this.webhooks.push(answer?.status ?? 0);
      res.writeHead(answer?.status ?? 502);
      res.end();
    });
    await new Promise((done) => { this.relay.listen(0, '127.0.0.1', done); });
  }

  // The same port and memory when it is started again.
  async startGateway() {
    this.gateway = await Sandbox.start(this.program, { host: 'localhost', port: this.port, args: ['--state', join(this.folder, 'gateway'),
      '--webhook-url', `http://127.0.0.1:${this.relay.address().port}/webhooks/gateways/sandbox`] });
    this.port = this.gateway.port;
    this.gatewayUrl = this.gateway.address;
  }

  async stopGateway() { await this.gateway.stop(); }

  control(what) { return this.gateway.control(what); }

  charges(invoiceId) { return this.gateway.charges(invoiceId); }

  flush() { return this.gateway.flush(); }

  // The newest mail to the address whose whole text matches, which was not taken yet.
  mail(to, wanted) {
    this.taken ??= new Set();
    return whenChanged(existsSync(this.mailFolder) ? this.mailFolder : this.folder, () => {
      for (const name of readdirSync(this.mailFolder).filter((one) => one.endsWith('.eml') && !this.taken.has(one)).sort().reverse()) {
        const text = readFileSync(join(this.mailFolder, name), 'utf8');
        const parts = partsOf(text);
        const plain = parts.find((part) => part.type === 'text/plain')?.bytes.toString('utf8') ?? '';
        const subject = /^Subject: *(.*)$/im.exec(unfold(text))?.[1] ?? '';
        if (!unfold(text).includes(to) || !wanted.test(`${subject}\n${plain}`))
          continue;
        this.taken.add(name);
        return { subject, plain, files: parts.filter((part) => part.name) };
      }
      return null;
    });
  }

  async close() {
    await this.billow.stop();
    await this.stopGateway();
    this.relay.closeAllConnections();
    this.relay.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
