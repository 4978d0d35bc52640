// A Billow server for one test: a database in a folder of its own, a test clock, a free port.
import { execFileSync, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { ENV, Sandbox } from '../payment/sandbox.mjs';

export const BILLOW = process.env.BILLOW || 'build/billow';
export const KEY = 'contract-key';

// A sandbox gateway that tells nobody: { env for the server, stop }.
export async function startGateway() {
  const gateway = await Sandbox.start(BILLOW);
  return { env: { ...ENV, BILLOW_SANDBOX_GATEWAY_URL: gateway.address }, stop: () => gateway.stop() };
}

// `database`: an empty one, in place of one in the folder.
export async function startServer(more = {}, database = null) {
  const folder = mkdtempSync(join(tmpdir(), 'billow-contract-'));
  database ??= `sqlite:${join(folder, 'billow.db')}`;
  const env = { ...process.env, BILLOW_API_KEY: KEY, BILLOW_LOG_LEVEL: 'error', ...more };
  const child = spawn(BILLOW, ['serve', '--database', database, '--listen', '127.0.0.1:0', '--test-clock'],
    { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const gone = new Promise((resolve) => { child.once('exit', resolve); });
  for await (const line of createInterface({ input: child.stdout })) {
    const at = line.match(/^serving on (http:\/\/\S+)$/);
    if (!at) continue;
    return {
      base: at[1],
      database,
      // Runs another command of the program on the same database; its output.
      command: (...words) => execFileSync(BILLOW, [...words, '--database', database], { env, encoding: 'utf8' }),
      stop: async () => { child.kill('SIGTERM'); await gone; rmSync(folder, { recursive: true }); },
    };
  }
  throw new Error('the server ended at once');
}

// Counts checks; `end` prints the closing line and exits.
export class Checks {
  passed = 0;

  failed = 0;

  is(what, got, want) {
    const [a, b] = [JSON.stringify(got), JSON.stringify(want)];
    if (a === b) { this.passed++; return; }
    this.failed++;
    console.log(`FAILED ${what}: wanted ${b}, got ${a}`);
  }

  end() {
    console.log(`${this.passed} passed, ${this.failed} failed`);
    process.exitCode = this.failed === 0 && this.passed > 0 ? 0 : 1;
  }
}
