// screenshots.mjs BILLOW FOLDER: plays the demo and takes the README's picture of its dashboard.
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { openBrowser } from './browser.mjs';
import { start } from './server.mjs';

const [program, out] = process.argv.slice(2).map((path) => resolve(path));
const folder = mkdtempSync(join(tmpdir(), 'billow-screenshots-'));
const demo = ['demo', '--database', `sqlite:${join(folder, 'demo.db')}`, '--data', resolve('data/demo')];
try {
  const { stdout } = await promisify(execFile)(program, [...demo, '--no-serve'], { cwd: folder, maxBuffer: 64 << 20 });
  const [, email, password] = /^console: .* as (\S+) with the password (\S+)$/m.exec(stdout);
  const server = await start(program, [...demo, '--again', '--listen', '127.0.0.1:0'], { cwd: folder });
  const browser = await openBrowser();
  try {
    const page = await browser.page();
    await page.goto(`${server.base}/sign-in`);
    await page.fill('[name=email]', email);
    await page.fill('[name=password]', password);
    await page.click('main button[type=submit]');
    await page.waitForURL(`${server.base}/`);
    await page.mouse.move(0, 0);
    mkdirSync(out, { recursive: true });
    await page.shoot('dashboard', { path: join(out, 'dashboard.png'), fullPage: false });
    await page.verify();
  } finally {
    await browser.close();
    await server.stop();
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
