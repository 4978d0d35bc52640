// Databases, processes and chance for the kill tests.  Each database is a copy of a template, each
// process a real `billow`; everything is gone afterwards.
import { execFile, execFileSync, spawn } from 'node:child_process';
import { accessSync, constants, copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { createInterface } from 'node:readline';
import { dirname, join } from 'node:path';
import { tmpdir } from 'node:os';

export const BILLOW = process.env.BILLOW || 'build/billow';
const CONTENTS = join(dirname(BILLOW), 'tests/faults/contents');
const SERVER = process.env.BILLOW_TEST_POSTGRES || '';
export const ENGINE = SERVER === '' ? 'SQLite' : 'PostgreSQL';
const KEY = 'kill-key';
const ENV = { ...process.env, BILLOW_API_KEY: KEY, BILLOW_LOG_LEVEL: 'error', BILLOW_RATE_LIMIT: '0' };
const WAIT_MS = 60000; // nothing here takes so long

// ---- chance --------------------------------------------------------------------------------------

// mulberry32
export class Chance {
  constructor(seed) { this.state = seed >>> 0; }

  real() {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let t = this.state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }

  between(low, high) { return low + Math.floor(this.real() * (high - low + 1)); }

  pick(list) { return list[this.between(0, list.length - 1)]; }

  one(in_) { return this.between(1, in_) === 1; }
}

export const sleep = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

// ---- databases -----------------------------------------------------------------------------------

function inMemory() {
  try { accessSync('/dev/shm', constants.W_OK); return '/dev/shm'; } catch { return tmpdir(); }
}

const folder = mkdtempSync(join(inMemory(), 'billow-kill-'));
const made = new Set();
let count = 0;

const onServer = (command, ...args) => execFileSync(command, args, { stdio: ['ignore', 'pipe', 'pipe'], encoding: 'utf8' });

export function databaseNew(template = null) {
  const name = `kill_${process.pid}_${++count}`;
  if (ENGINE === 'SQLite') {
    if (template !== null) copyFileSync(join(folder, `${template.name}.db`), join(folder, `${name}.db`));
    return { name, url: `sqlite:${join(folder, `${name}.db`)}` };
  }
  onServer('createdb', ...(template === null ? [] : ['-S', 'file_copy', '-T', template.name]), name);
  made.add(name);
  return { name, url: `${SERVER}/${name}` };
}

export function databaseDrop(database) {
  if (ENGINE === 'SQLite') {
    for (const end of ['.db', '.db-wal', '.db-shm']) rmSync(join(folder, database.name + end), { force: true });
    return;
  }
  onServer('dropdb', '--force', database.name);
  made.delete(database.name);
}

export const sql = (database, text) => onServer('psql', '-qAt', '-v', 'ON_ERROR_STOP=1', '-d', database.name, '-c', text).trim();

export function filePath(name) { return join(folder, name); }

// ---- processes -----------------------------------------------------------------------------------

const running = new Set();

export function track(child) {
  running.add(child);
  child.gone = new Promise((resolve) => {
    child.once('exit', (code, signal) => { running.delete(child); resolve({ code, signal }); });
  });
  return child;
}

export async function kill(child) {
  child.kill('SIGKILL');
  return child.gone;
}

export function cleanUp() {
  for (const child of running) child.kill('SIGKILL');
  for (const name of made) { try { onServer('dropdb', '--force', name); } catch { /* the server goes too */ } }
  rmSync(folder, { recursive: true, force: true });
}

// A command, to be waited for or killed: { child, done: { code, output } }.
export function start(...args) {
  const child = track(spawn(BILLOW, args, { env: ENV, stdio: ['ignore', 'pipe', 'pipe'] }));
  let output = '';
  child.stdout.on('data', (data) => { output += data; });
  child.stderr.on('data', (data) => { output += data; });
  // 'close', since 'exit' can come before the last of the output has.
  const done = new Promise((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal, output }));
  });
  return { child, done };
}

export async function run(...args) {
  const { child, done } = start(...args);
  const timer = setTimeout(() => child.kill('SIGKILL'), WAIT_MS);
  const result = await done;
  clearTimeout(timer);
  return result;
}

function contents(database, ...args) {
  return new Promise((resolve, reject) => {
    execFile(CONTENTS, [database.url, ...args], { maxBuffer: 1 << 28, timeout: WAIT_MS }, (error, out) => (error ? reject(error) : resolve(out)));
  });
}

export const contentOf = async (database) => (await contents(database)).trim();
export const contentText = (database) => contents(database, '--show');

export async function rowsOf(database, ...tables) {
  const rows = Object.fromEntries(tables.map((table) => [table, []]));
  for (const line of (await contents(database, ...tables)).split('\n')) {
    if (line === '') continue;
    const { table, row } = JSON.parse(line);
    rows[table].push(row);
  }
  return rows;
}

// Words of what verify found; '' when nothing is wrong.
export async function verify(database) {
  const { code, output } = await run('verify', '--database', database.url);
  return code === 0 ? '' : output;
}

// ---- server and client ---------------------------------------------------------------------------

export class Server {
  static async start(database, env = {}) {
    const child = track(spawn(BILLOW, ['serve', '--database', database.url, '--listen', '127.0.0.1:0', '--test-clock'],
      { env: { ...ENV, ...env }, stdio: ['ignore', 'pipe', 'pipe'] }));
    const self = new Server();
    self.child = child;
    self.log = '';
    self.agent = new Agent({ keepAlive: true, maxSockets: 32 });
    child.stderr.on('data', (data) => { self.log = (self.log + data).slice(-4000); });
    for await (const line of createInterface({ input: child.stdout })) {
      const at = line.match(/^serving on http:\/\/(.*):(\d+)$/);
      if (!at) continue;
      [, self.host, self.port] = at;
      child.stdout.resume();
      return self;
    }
    throw new Error(`the server ended at once: ${self.log}`);
  }

  // { status, json }; rejected when the connection is lost: nobody knows what came of it then.
  call(method, path, body, headers = {}) {
    return new Promise((resolve, reject) => {
      const text = body === undefined ? undefined : JSON.stringify(body);
      const req = request({
        host: this.host, port: this.port, method, path: `/api/v1${path}`, agent: this.agent, timeout: WAIT_MS,
        headers: {
          Authorization: `Bearer ${KEY}`,
          ...(text === undefined ? {} : { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) }),
          ...headers,
        },
      }, (answer) => {
        let got = '';
        answer.setEncoding('utf8');
        answer.on('data', (data) => { got += data; });
        answer.on('end', () => {
          if (!answer.complete) { reject(new Error('half an answer')); return; }
          try { resolve({ status: answer.statusCode, headers: answer.headers, json: got === '' ? null : JSON.parse(got) }); } catch (error) { reject(error); }
        });
        answer.on('error', reject);
      });
      req.on('timeout', () => req.destroy(new Error('no answer')));
      req.on('error', reject);
      req.end(text);
    });
  }

  async must(method, path, body) {
    const answer = await this.call(method, path, body);
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.json)}`);
    return answer.json;
  }

  setClock(now, runJobs = false) { return this.must('PUT', '/test_clock', { test_clock: { now, run_jobs: runJobs } }); }

  async kill() {
    await kill(this.child);
    this.agent.destroy();
  }

  async stop() {
    this.agent.destroy();
    this.child.kill('SIGTERM');
    const timer = setTimeout(() => this.child.kill('SIGKILL'), 10000);
    const { code } = await this.child.gone;
    clearTimeout(timer);
    if (code !== 0) throw new Error(`stopped with ${code}: ${this.log}`);
  }
}
