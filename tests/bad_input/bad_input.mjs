#!/usr/bin/env node
// Sends bad input to every write and every list of the API, on both faces, and checks that each
// answer is a 4xx that names the field, says what would be right, and has changed nothing.
//
//   BILLOW=build/billow node tests/bad_input/bad_input.mjs
//
// bodies.json holds a good body for each write, with the kind of each field; what is wrong for a
// kind stands in WRONG below, so that every field meets every wrong value of its kind.  requests.json
// holds what is wrong in ways of its own.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { dirname, join } from 'node:path';
import { connect } from 'node:net';

const HERE = dirname(fileURLToPath(import.meta.url));
const BILLOW = process.env.BILLOW || 'build/billow';
const KEY = 'bad-input-key';
const FACES = { native: '/api/v1', lago: '/lago/api/v1' };
let passed = 0;
let failed = 0;

function check(name, problems) {
  if (problems.length === 0) { passed++; return; }
  failed++;
  console.log(`FAILED ${name}`);
  for (const problem of problems) console.log(`    ${problem}`);
}

// ---- the server ---------------------------------------------------------------------------------

async function startServer() {
  const child = spawn(BILLOW, ['serve', '--database', 'sqlite::memory:', '--listen', '127.0.0.1:0', '--test-clock'],
    { env: { ...process.env, BILLOW_API_KEY: KEY, BILLOW_LOG_LEVEL: 'error' }, stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of createInterface({ input: child.stdout })) {
    const at = line.match(/^serving on (http:\/\/(.*):(\d+))$/);
    if (at) return { base: at[1], host: at[2], port: Number(at[3]), child };
  }
  throw new Error('the server ended at once');
}

async function call(server, face, method, path, body, headers = {}) {
  const answer = await fetch(server.base + FACES[face] + path, {
    method,
    headers: { Authorization: `Bearer ${KEY}`, ...(body === undefined ? {} : { 'Content-Type': 'application/json' }), ...headers },
    body,
  });
  const text = await answer.text();
  let json = null;
  try { json = text === '' ? null : JSON.parse(text); } catch { /* said below */ }
  return { status: answer.status, headers: answer.headers, json, text };
}

// Bytes as they are, for what fetch would not send; the answer's head and body as one text.
function raw(server, bytes) {
  return new Promise((resolve, reject) => {
    const socket = connect(server.port, server.host, () => socket.write(bytes));
    let answer = '';
    socket.setTimeout(10000, () => { socket.destroy(); reject(new Error('no answer')); });
    socket.on('data', (data) => { answer += data; });
    socket.on('close', () => resolve(answer));
    socket.on('error', (error) => (answer === '' ? reject(error) : resolve(answer)));
  });
}

const LISTS = ['/customers', '/plans', '/taxes', '/billable_metrics', '/billing_entities', '/invoices', '/fees', '/payments',
  '/resale_rules', '/vendor_accounts', '/vendor_costs/unassigned', '/cost_exceptions', '/cost_imports', '/events',
  '/unmatched_events', '/late_usage', '/subscriptions?status[]=active&status[]=pending&status[]=terminated&status[]=canceled', '/organizations',
  '/test_clock', '/features'];

// All that can be seen.
async function state(server) {
  const seen = [];
  for (const path of LISTS) {
    const answer = await call(server, 'native', 'GET', path);
    if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${answer.text}`);
    seen.push(answer.text);
  }
  return seen.join('\n');
}

// ---- what is wrong ------------------------------------------------------------------------------

const NUL = { json: '"a\\u0000b"' };
const SURROGATE = { json: '"a\\ud800b"' };
const NOT_UTF8 = { json: '"a\xffb"' }; // sent as Latin-1
const NOT_TEXT = [{ json: '[]' }, { json: '{}' }, { json: 'true' }];
const HOSTILE = [NUL, SURROGATE, NOT_UTF8];
// A value is JSON as it is sent; `native` alone where the Lago face takes it: its clients send numbers
// and truth values as text and the other way round.
const WRONG = {
  text: [...NOT_TEXT, ...HOSTILE, { json: '5', native: true }, { json: JSON.stringify('x'.repeat(70000)) }],
  code: [...NOT_TEXT, ...HOSTILE, { json: '"two words"', native: true }, { json: JSON.stringify('x'.repeat(256)) }],
  email: [...NOT_TEXT, ...HOSTILE, { json: '"nobody"' }, { json: '"a@"' }, { json: '"a@b@c.de"' }],
  currency: [...NOT_TEXT, ...HOSTILE, { json: '"EUX"' }, { json: '"eur"' }, { json: '""', native: true }, { json: '978' }],
  country: [...NOT_TEXT, ...HOSTILE, { json: '"XX"' }, { json: '"de"' }, { json: '"DEU"' }],
  zone: [...NOT_TEXT, ...HOSTILE, { json: '"Mars/Olympus"' }, { json: '"../../etc/passwd"' }, { json: '"utc"' }],
  decimal: [...NOT_TEXT, ...HOSTILE, { json: '"NaN"' }, { json: '"Infinity"' }, { json: '"1e400"' }, { json: '1e400' }, { json: '"1,5"' },
    { json: '"0x10"' }, { json: '"-1"' }, { json: '"1."' }, { json: '" 1"' }, { json: '"12345678901234567890123456789012345"' },
    { json: '"0.00000000000000000000000000000000000000000001"' }],
  int: [...NOT_TEXT, ...HOSTILE, { json: '1.5' }, { json: '"1"', native: true }, { json: '-1' }, { json: '9223372036854775808' }, { json: '1e400' }, { json: '"x"' }],
  bool: [{ json: '[]' }, { json: '{}' }, ...HOSTILE, { json: '"true"', native: true }, { json: '1', native: true }, { json: '"maybe"' }, { json: '2' }],
  instant: [...NOT_TEXT, ...HOSTILE, { json: '"2024-02-30T00:00:00Z"' }, { json: '"2024-01-01T25:00:00Z"' }, { json: '"2024-01-01T00:00:61Z"' },
    { json: '"0000-01-01T00:00:00Z"' }, { json: '"10000-01-01T00:00:00Z"' }, { json: '"yesterday"' }, { json: '"2024-01-01"', native: true },
    { json: '"2024-01-01T00:00:00"', native: true }, { json: '"1960-01-01T00:00:00Z"' }, { json: '"2300-01-01T00:00:00Z"' }],
  time: [...NOT_TEXT, ...HOSTILE, { json: '"2024-02-30T00:00:00Z"' }, { json: '1e30' }, { json: '"soon"' }, { json: '-1' }, { json: '99999999999' }],
  word: [...NOT_TEXT, ...HOSTILE, { json: '"no such word"' }, { json: '""', native: true }],
  object: [{ json: '[]' }, { json: '"x"' }, { json: '5' }, { json: 'true' }, { json: '{"a":1,"a":2}' }],
  list: [{ json: '{}' }, { json: '"x"' }, { json: '[5]', native: true }, { json: '[{}]' }, { json: '["no-such-code"]' }],
};

// The good body with the value at a path put in as JSON text; null: the field left out.
function bodyWith(good, path, json) {
  const copy = structuredClone(good);
  const keys = path.split('.');
  const last = keys.pop();
  const parent = keys.reduce((value, key) => value[key], copy);
  if (json === null) delete parent[last];
  else parent[last] = '\u0001';
  const text = JSON.stringify(copy);
  return json === null ? text : text.replace('"\\u0001"', () => json);
}

// Where a field is called by the path below the resource: "tax.rate" is "rate".
function namesField(answer, face, field) {
  const names = face === 'native' ? (answer.json.errors || []).map((error) => error.field) : Object.keys(answer.json.error_details || {});
  return names.some((name) => name === field || name.startsWith(`${field}.`) || field.startsWith(`${name}.`));
}

function problemsOf(answer, face, { status, field, code, words } = {}) {
  const problems = [];
  const wanted = status === undefined ? [400, 422] : [status].flat();
  const { json } = answer;
  const shown = `${answer.status} ${answer.text.slice(0, 300)}`;
  if (!wanted.includes(answer.status)) problems.push(`wanted ${wanted.join(' or ')}, got ${shown}`);
  if (json === null || typeof json !== 'object') return [...problems, `no JSON: ${shown}`];
  if (face === 'native') {
    if (!(answer.headers.get('content-type') || '').startsWith('application/problem+json')) problems.push(`content type ${answer.headers.get('content-type')}`);
    if (json.status !== answer.status || !json.title || !json.code) problems.push(`no problem details: ${shown}`);
    for (const error of json.errors || []) {
      if (!error.field || !error.code || !error.expected) problems.push(`an error without field, code or what is expected: ${JSON.stringify(error)}`);
    }
  } else if (json.status !== answer.status || !json.error) {
    problems.push(`no Lago error: ${shown}`);
  }
  if (field && answer.status !== 400 && !namesField(answer, face, field)) problems.push(`${field} is not named: ${shown}`);
  if (code && !answer.text.includes(`"${code}"`)) problems.push(`wanted code ${code}: ${shown}`);
  for (const word of words || []) if (!answer.text.includes(word)) problems.push(`does not say "${word}": ${shown}`);
  return problems;
}

const latin1 = (text) => Buffer.from(text, 'latin1');

// ---- the tests ----------------------------------------------------------------------------------

async function bodies(server, saved) {
  for (const write of JSON.parse(fill(readFileSync(join(HERE, 'bodies.json'), 'utf8'), saved))) {
    const before = await state(server);
    const [method, path] = write.call.split(' ');
    const [resource] = Object.keys(write.good);
    for (const face of Object.keys(FACES)) {
      const send = async (name, body, wanted) => check(`${face} ${write.call}: ${name}`,
        problemsOf(await call(server, face, method, path, latin1(body)), face, wanted));
      for (const [field, kind] of Object.entries(write.fields)) {
        const [type, required] = kind.split(' ');
        for (const wrong of WRONG[type]) {
          if (wrong.native && face === 'lago') continue;
          if ((write.allowed?.[field] || []).includes(wrong.json)) continue;
          await send(`${field} is ${wrong.json.slice(0, 50)}`, bodyWith(write.good, `${resource}.${field}`, wrong.json), { field });
        }
        if (!required) continue;
        await send(`${field} is left out`, bodyWith(write.good, `${resource}.${field}`, null), { status: 422, field, code: 'value_is_mandatory' });
        await send(`${field} is null`, bodyWith(write.good, `${resource}.${field}`, 'null'), { status: 422, field, code: 'value_is_mandatory' });
      }
      const good = JSON.stringify(write.good);
      await send('no body', '', { status: 400 });
      await send('not JSON', '{', { status: 400 });
      await send('an array', '[]', { status: 400 });
      await send('a text', '"x"', { status: 400 });
      await send('another member', '{"other":{}}', {});
      await send('something behind it', `${good} {}`, { status: 400 });
      const first = Object.keys(write.good[resource])[0];
      await send('a key twice', good.replace(`{"${resource}":{`, `{"${resource}":{"${first}":"a",`), {});
      await send('too deep', `{"${resource}":${'['.repeat(5000)}${']'.repeat(5000)}}`, { status: 400 });
      await send('a trailing comma', good.replace(/\}\}$/, ',}}'), { status: 400 });
      if (face === 'native') await send('an unknown field', bodyWith(write.good, `${resource}.no_such_field`, '1'), { status: 422, field: 'no_such_field', code: 'unknown_field' });
    }
    check(`${write.call}: nothing has changed`, (await state(server)) === before ? [] : ['the lists differ']);
  }
}

async function requests(server, saved) {
  const before = await state(server);
  for (const request of JSON.parse(fill(readFileSync(join(HERE, 'requests.json'), 'utf8'), saved))) {
    const [method, path] = request.call.split(' ');
    for (const face of request.face ? [request.face] : Object.keys(FACES)) {
      const body = request.body === undefined ? undefined : typeof request.body === 'string' ? request.body : JSON.stringify(request.body);
      const answer = await call(server, face, method, path, body, request.headers);
      check(`${face} ${request.call}: ${request.name}`, problemsOf(answer, face, request));
    }
  }
  check('requests: nothing has changed', (await state(server)) === before ? [] : ['the lists differ']);
}

// What no client would send: the connection gets an answer or an end, and the server goes on.
async function bytes(server) {
  const before = await state(server);
  const auth = `Authorization: Bearer ${KEY}\r\n`;
  const head = `POST /api/v1/taxes HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${auth}Content-Type: application/json\r\n`;
  const cases = [
    ['no HTTP', 'hello\r\n\r\n', /^$|^HTTP\/1\.[01] 400/],
    ['a header without end', `GET /api/v1/taxes HTTP/1.1\r\nX: ${'y'.repeat(200000)}\r\n\r\n`, /^$|^HTTP\/1\.[01] 4\d\d/],
    ['a path without end', `GET /${'y'.repeat(200000)} HTTP/1.1\r\nHost: x\r\n\r\n`, /^$|^HTTP\/1\.[01] 4\d\d/],
    ['a length that is no number', `${head}Content-Length: many\r\n\r\n{}`, /^$|^HTTP\/1\.[01] 400/],
    ['a negative length', `${head}Content-Length: -1\r\n\r\n{}`, /^$|^HTTP\/1\.[01] 400/],
    ['a length of 10 GB', `${head}Content-Length: 10000000000\r\n\r\n{}`, /^HTTP\/1\.[01] 413/],
    ['a chunk that is none', `${head}Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n`, /^$|^HTTP\/1\.[01] 400/],
    ['half a percent sign in the path', `GET /api/v1/taxes/%4 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${auth}\r\n`, /^HTTP\/1\.[01] 40[04]/],
    ['%00 in the path', `GET /api/v1/taxes/a%00b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${auth}\r\n`, /^HTTP\/1\.[01] 40[04]/],
    ['not UTF-8 in the path', `GET /api/v1/taxes/a%ffb HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${auth}\r\n`, /^HTTP\/1\.[01] 40[04]/],
    ['not UTF-8 in the query', `GET /api/v1/taxes?page=%ff HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${auth}\r\n`, /^HTTP\/1\.[01] 4\d\d/],
  ];
  for (const [name, sent, wanted] of cases) {
    let answer;
    try { answer = await raw(server, sent); } catch (error) { answer = error.message; }
    check(`bytes: ${name}`, wanted.test(answer) ? [] : [`got ${JSON.stringify(answer.slice(0, 200))}`]);
  }
  check('bytes: nothing has changed', (await state(server)) === before ? [] : ['the lists differ']);
}

const fill = (text, saved) => text.replace(/\$\{(\w+)\}/g, (_, name) => saved[name]);

// A small world that the bad bodies refer to; its calls are those of a good first day.
async function world(server) {
  const saved = {};
  for (const step of JSON.parse(readFileSync(join(HERE, 'world.json'), 'utf8'))) {
    const [method, path] = step.call.split(' ');
    const answer = await call(server, 'native', method, path, step.body && JSON.stringify(step.body));
    if (answer.status >= 300) throw new Error(`${step.call}: ${answer.status} ${answer.text}`);
    if (step.save) saved[step.save] = step.at.split('.').reduce((value, key) => value[key], answer.json);
  }
  return saved;
}

const server = await startServer();
try {
  const saved = await world(server);
  await bodies(server, saved);
  await requests(server, saved);
  await bytes(server);
  const health = await fetch(`${server.base}/health`);
  check('the server is well', health.status === 200 ? [] : [`${health.status}`]);
} finally {
  server.child.kill('SIGTERM');
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
