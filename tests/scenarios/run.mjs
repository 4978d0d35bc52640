#!/usr/bin/env node
// Runs billing scenarios against a Billow server: every case gets a fresh server on an
// empty in-memory database, steps a test clock, calls the public API and compares answers.
//
//   BILLOW=path/to/billow node run.mjs [--jobs N] [--only TEXT] [--list] [--verbose] [--list-file FILE] [--explain] FILE|FOLDER ...
//
// --list-file runs just the cases that FILE names, one a line as --list shows them; a name that no
// case has is an error.  --explain asks, after each case that passes, why each fee is what it is, and
// recomputes it (explain.mjs).
// The format is described in README.md beside this file.
import { execSync, spawn } from 'node:child_process';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { randomUUID } from 'node:crypto';
import os from 'node:os';
import { check } from './explain.mjs';

const args = process.argv.slice(2);
const opt = { jobs: os.cpus().length, only: null, list: false, verbose: false, listFile: null, explain: false };
const paths = [];
for (let i = 0; i < args.length; i++) {
  if (args[i] === '--jobs') opt.jobs = Number(args[++i]);
  else if (args[i] === '--only') opt.only = args[++i];
  else if (args[i] === '--list-file') opt.listFile = args[++i];
  else if (args[i] === '--explain') opt.explain = true;
  else if (args[i] === '--list') opt.list = true;
  else if (args[i] === '--verbose') opt.verbose = true;
  else paths.push(args[i]);
}
const API_KEY = 'scenario-key';
const START_MS = 60000;
const BILLOW = (process.env.BILLOW || 'build/billow').split(' ');
// {case} in the database becomes a number of its own for each case; the prepare command, if any,
// is run first through a shell with that number in $CASE (to create an empty PostgreSQL database, say).
const DATABASE = process.env.BILLOW_SCENARIO_DATABASE || 'sqlite::memory:';
const PREPARE = process.env.BILLOW_SCENARIO_PREPARE || '';
let cases = 0;

function filesUnder(p) {
  if (!statSync(p).isDirectory()) return [p];
  return readdirSync(p).sort().flatMap((n) => filesUnder(join(p, n))).filter((f) => f.endsWith('.json'));
}

async function startServer() {
  const number = String(++cases);
  if (PREPARE) execSync(PREPARE, { env: { ...process.env, CASE: number }, stdio: ['ignore', 'ignore', 'pipe'] });
  const child = spawn(BILLOW[0], [...BILLOW.slice(1), 'serve', '--database', DATABASE.replaceAll('{case}', number),
    '--listen', '127.0.0.1:0', '--test-clock'],
  { env: { ...process.env, BILLOW_API_KEY: API_KEY }, stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '';
  const keep = (d) => { log = (log + d).slice(-4000); };
  child.stdout.on('data', keep); child.stderr.on('data', keep);
  let exited = null;
  child.once('exit', (code, sig) => { exited = code ?? sig; });
  const address = await new Promise((resolve, reject) => {
    const timer = setTimeout(() => { child.kill('SIGKILL'); reject(new Error(`server does not say where it serves: ${log}`)); }, START_MS);
    const ended = (why) => { clearTimeout(timer); exited ??= why; reject(new Error(`server ended at once (${why}): ${log}`)); };
    child.once('error', (e) => ended(e.message));
    child.once('close', (code, sig) => ended(code ?? sig));
    createInterface({ input: child.stdout }).on('line', (line) => {
      const at = /^serving on (http:\/\/\S+)$/.exec(line);
      if (at) { clearTimeout(timer); resolve(at[1]); }
    });
  });
  return {
    base: `${address}/lago/api/v1`,
    log: () => log,
    stop: () => new Promise((r) => { if (exited !== null) return r(); child.once('exit', r); child.kill('SIGTERM'); setTimeout(() => child.kill('SIGKILL'), 3000).unref(); }),
  };
}

const pathGet = (root, path) => path.split('.').reduce((v, k) => (v === null || v === undefined ? undefined : v[k]), root);

// ${name.path.0.to} inside any string is replaced from saved answers; ${uuid} is fresh each time.
// A string that is nothing but one reference keeps the referenced value's type.
function fill(value, saved) {
  if (typeof value === 'string') {
    const whole = value.match(/^\$\{([^}]+)\}$/);
    if (whole) return resolveRef(whole[1], saved);
    return value.replace(/\$\{([^}]+)\}/g, (_, ref) => String(resolveRef(ref, saved)));
  }
  if (Array.isArray(value)) return value.map((v) => fill(v, saved));
  if (value && typeof value === 'object') return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, fill(v, saved)]));
  return value;
}
function resolveRef(ref, saved) {
  if (ref === 'uuid') return randomUUID();
  const v = pathGet(saved, ref);
  if (v === undefined) throw new Error(`nothing saved under \${${ref}}`);
  return v;
}

const NUM = /^-?\d+(\.\d+)?$/;
const canonical = (s) => { // decimal text without superfluous zeros, so "10.0" equals "10"
  let [, sign, int, frac = ''] = s.match(/^(-?)(\d+)(?:\.(\d+))?$/);
  int = int.replace(/^0+(?=\d)/, ''); frac = frac.replace(/0+$/, '');
  const body = frac ? `${int}.${frac}` : int;
  return body === '0' ? '0' : sign + body;
};
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/;

function diff(want, got, at = '$') {
  if (want && typeof want === 'object' && !Array.isArray(want)) {
    const ops = Object.keys(want).filter((k) => k.startsWith('$'));
    if (ops.length) return ops.flatMap((op) => operator(op, want[op], got, at));
    if (!got || typeof got !== 'object' || Array.isArray(got)) return [`${at}: wanted an object, got ${JSON.stringify(got)}`];
    return Object.entries(want).flatMap(([k, v]) => diff(v, got[k], `${at}.${k}`));
  }
  if (Array.isArray(want)) {
    if (!Array.isArray(got)) return [`${at}: wanted an array, got ${JSON.stringify(got)}`];
    if (want.length !== got.length) return [`${at}: wanted ${want.length} elements, got ${got.length}: ${JSON.stringify(got).slice(0, 300)}`];
    return want.flatMap((v, i) => diff(v, got[i], `${at}.${i}`));
  }
  if (want === null) return got === null || got === undefined ? [] : [`${at}: wanted null, got ${JSON.stringify(got)}`];
  if (typeof want === 'string' && (typeof got === 'string' || typeof got === 'number')) {
    const g = String(got);
    if (want === g) return [];
    if (NUM.test(want) && NUM.test(g) && canonical(want) === canonical(g)) return [];
    if (TIME.test(want) && TIME.test(g) && Date.parse(want) === Date.parse(g)) return [];
    return [`${at}: wanted ${JSON.stringify(want)}, got ${JSON.stringify(got)}`];
  }
  if (typeof want === 'number' && typeof got === 'string' && NUM.test(got)) {
    return canonical(String(want)) === canonical(got) ? [] : [`${at}: wanted ${want}, got ${JSON.stringify(got)}`];
  }
  return want === got ? [] : [`${at}: wanted ${JSON.stringify(want)}, got ${JSON.stringify(got)}`];
}
function operator(op, arg, got, at) {
  switch (op) {
    case '$len': return Array.isArray(got) && got.length === arg ? [] : [`${at}: wanted ${arg} elements, got ${Array.isArray(got) ? got.length : JSON.stringify(got)}`];
    case '$any': { // each wanted element matches a different element of the answer, in any order
      if (!Array.isArray(got)) return [`${at}: wanted an array, got ${JSON.stringify(got)}`];
      const free = got.map((_, i) => i);
      return arg.flatMap((w) => {
        const hit = free.findIndex((i) => diff(w, got[i]).length === 0);
        if (hit >= 0) { free.splice(hit, 1); return []; }
        return [`${at}: no element matches ${JSON.stringify(w)} among ${JSON.stringify(got).slice(0, 600)}`];
      });
    }
    case '$none': return (Array.isArray(got) && got.every((g) => diff(arg, g).length > 0)) ? [] : [`${at}: an element matches ${JSON.stringify(arg)}`];
    case '$sum': { // {"$sum": {"of": "amount_cents", "is": 123}} over an array
      const s = Array.isArray(got) ? got.reduce((t, g) => t + Number(pathGet(g, arg.of)), 0) : NaN;
      return s === arg.is ? [] : [`${at}: sum of ${arg.of} wanted ${arg.is}, got ${s}`];
    }
    case '$re': return typeof got === 'string' && new RegExp(arg).test(got) ? [] : [`${at}: wanted /${arg}/, got ${JSON.stringify(got)}`];
    case '$ne': return diff(arg, got).length ? [] : [`${at}: wanted anything but ${JSON.stringify(arg)}`];
    case '$present': return (got !== undefined && got !== null) === arg ? [] : [`${at}: wanted ${arg ? 'a value' : 'none'}, got ${JSON.stringify(got)}`];
    case '$gte': return Number(got) >= arg ? [] : [`${at}: wanted >= ${arg}, got ${JSON.stringify(got)}`];
    case '$lte': return Number(got) <= arg ? [] : [`${at}: wanted <= ${arg}, got ${JSON.stringify(got)}`];
    default: return [`${at}: the scenario uses an unknown operator ${op}`];
  }
}

async function call(server, method, path, body) {
  const r = await fetch(server.base + path, {
    method,
    headers: { authorization: `Bearer ${API_KEY}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    body: body === undefined ? undefined : JSON.stringify(body),
    signal: AbortSignal.timeout(30000),
  });
  const text = await r.text();
  let json = null;
  if (text) { try { json = JSON.parse(text); } catch { json = { not_json: text.slice(0, 300) }; } }
  return { status: r.status, json };
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete'];

// Every fee that the case leaves behind, against its explanation.
let explained = 0;
async function explainFees(server) {
  const problems = [];
  for (let page = 1; page; ) {
    const list = await call(server, 'GET', `/fees?per_page=100&page=${page}`);
    if (list.status !== 200) return [`GET /fees answered ${list.status}`];
    for (const fee of list.json.fees) {
      const path = `/fees/${fee.lago_id}/explanation`;
      const r = await call(server, 'GET', path);
      if (r.status === 200) problems.push(...check(r.json.explanation, fee).map((p) => `GET ${path} (${fee.item.code}): ${p}`));
      else problems.push(`GET ${path} answered ${r.status}`);
      explained++;
    }
    page = list.json.meta.next_page;
  }
  return problems.slice(0, 6);
}

async function runCase(c) {
  const server = await startServer();
  const saved = {};
  let now = null;
  try {
    for (const [i, step] of c.steps.entries()) {
      const where = `step ${i + 1}`;
      if (step.at) {
        now = step.at;
        const r = await call(server, 'PUT', '/test_clock', { test_clock: { now, run_jobs: false } });
        if (r.status !== 200) return [`${where}: setting the clock to ${now} answered ${r.status} ${JSON.stringify(r.json)}`];
      }
      if (step.run === 'jobs') {
        const r = await call(server, 'PUT', '/test_clock', { test_clock: { now, run_jobs: true } });
        if (r.status !== 200) return [`${where}: running due jobs answered ${r.status} ${JSON.stringify(r.json)}`];
      }
      const m = METHODS.find((k) => step[k]);
      if (!m) continue;
      const path = fill(step[m], saved);
      const r = await call(server, m.toUpperCase(), path, step.body === undefined ? undefined : fill(step.body, saved));
      const wantStatus = step.status ?? 200;
      const okStatus = Array.isArray(wantStatus) ? wantStatus.includes(r.status) : r.status === wantStatus || (wantStatus === 200 && r.status === 201);
      if (!okStatus) return [`${where}: ${m.toUpperCase()} ${path} answered ${r.status}, wanted ${wantStatus}: ${JSON.stringify(r.json).slice(0, 500)}`];
      if (step.as) saved[step.as] = r.json;
      if (step.expect !== undefined) {
        const d = diff(fill(step.expect, saved), r.json);
        if (d.length) return d.slice(0, 6).map((x) => `${where}: ${m.toUpperCase()} ${path}: ${x}`);
      }
    }
    return opt.explain ? await explainFees(server) : [];
  } catch (e) {
    return [`${e.message}${opt.verbose ? `\n${server.log()}` : ''}`];
  } finally {
    await server.stop();
  }
}

const queue = [];
for (const f of paths.flatMap(filesUnder)) {
  const doc = JSON.parse(readFileSync(f, 'utf8'));
  for (const c of doc.cases) {
    const id = `${f.split('/').slice(-2).join('/')} › ${c.name}`;
    if (!opt.only || id.includes(opt.only)) queue.push({ id, c });
  }
}
if (opt.listFile) {
  const wanted = new Set(readFileSync(opt.listFile, 'utf8').split('\n').map((l) => l.trim()).filter((l) => l && !l.startsWith('#')));
  for (const q of queue) q.listed = wanted.delete(q.id);
  if (wanted.size) { console.log(`no such case: ${[...wanted].join('; ')}`); console.log('0 passed, 1 failed'); process.exit(1); }
  queue.splice(0, queue.length, ...queue.filter((q) => q.listed));
}
if (opt.list) { for (const q of queue) console.log(q.id); console.log(`${queue.length} cases`); process.exit(0); }

let passed = 0; let failed = 0;
async function worker() {
  for (let q = queue.shift(); q; q = queue.shift()) {
    let problems;
    try { problems = await runCase(q.c); } catch (e) { problems = [e.message]; }
    if (problems.length) { failed++; console.log(`not ok ${q.id}\n    ${problems.join('\n    ')}`); } else { passed++; if (opt.verbose) console.log(`ok ${q.id}`); }
  }
}
await Promise.all(Array.from({ length: opt.jobs }, worker));
if (opt.explain) console.log(`${explained} fees explained`);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
