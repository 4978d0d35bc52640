#!/usr/bin/env node
// Checks what tests wrote down with record.cjs against api/openapi.yaml, in both directions.
//
//   node tests/contract/check.mjs FOLDER [DOCUMENT]
//
// Every answer fits its operation's schema for that status and content type, with no field that the
// document does not list; every body that a write of the native face took fits the request's schema;
// every field and every operation of the document has been seen in a good answer; every write has
// been seen to refuse something.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { METHODS, PREFIX, close, readDocument, templateOf, toLago, toNative } from './schemas.mjs';

const folder = process.argv[2];
const DOCUMENT = process.argv[3] || new URL('../../api/openapi.yaml', import.meta.url).pathname;
const SHOWN = 60; // of each kind
let passed = 0;
const problems = new Map(); // what is wrong -> { count, example }

function check(is_right, what, example = '') {
  if (is_right) { passed++; return; }
  const known = problems.get(what);
  if (known) known.count++;
  else problems.set(what, { count: 1, example: String(example).slice(0, 400) });
}

// ---- the documents ----------------------------------------------------------------------------

const written = readDocument(DOCUMENT);
const faces = { native: toNative(written), lago: toLago(written) };
for (const document of Object.values(faces)) for (const problem of close(document)) check(false, problem);

function validators(document) {
  const ajv = new Ajv2020({ allErrors: true, strict: false, validateFormats: true });
  addFormats(ajv);
  ajv.addSchema({ $id: 'doc', ...document });
  const made = new Map();
  return (pointer) => {
    if (!made.has(pointer)) made.set(pointer, ajv.compile({ $ref: `doc#${pointer}` }));
    return made.get(pointer);
  };
}
const validator = { native: validators(faces.native), lago: validators(faces.lago) };
const escape = (part) => part.replaceAll('~', '~0').replaceAll('/', '~1').replaceAll('%', '%25').replaceAll('{', '%7B').replaceAll('}', '%7D');

// Follows $ref; returns the schema and its pointer.
function resolve(document, value, pointer) {
  if (value?.$ref) {
    const parts = value.$ref.slice(2).split('/');
    return [parts.reduce((at, part) => at[part], document), `/${parts.join('/')}`];
  }
  return [value, pointer];
}

// ---- fields seen --------------------------------------------------------------------------------

const seenFields = { native: new Set(), lago: new Set() };

// Marks the named schemas' fields that a good answer has.
function mark(face, schema, value, where) {
  if (schema?.$ref) [where, schema] = [schema.$ref.split('/').pop(), resolve(faces[face], schema)[0]];
  if (!schema || value === null || typeof value !== 'object') return;
  if (Array.isArray(value)) { for (const element of value) mark(face, schema.items, element, `${where}[]`); return; }
  for (const [name, part] of Object.entries(value)) {
    const field = schema.properties?.[name];
    if (!field) continue;
    seenFields[face].add(`${where}.${name}`);
    mark(face, field, part, `${where}.${name}`);
  }
  for (const part of schema.allOf || []) mark(face, part, value, where);
}

function* fieldsOf(face, schema, where, known) {
  if (schema?.$ref) {
    const name = schema.$ref.split('/').pop();
    if (known.has(name)) return;
    known.add(name);
    yield* fieldsOf(face, resolve(faces[face], schema)[0], name, known);
    return;
  }
  if (!schema) return;
  if (schema.items) yield* fieldsOf(face, schema.items, `${where}[]`, known);
  for (const [name, part] of Object.entries(schema.properties || {})) {
    if (part['x-untested']) continue;
    yield `${where}.${name}`;
    yield* fieldsOf(face, part, `${where}.${name}`, known);
  }
  for (const part of schema.allOf || []) yield* fieldsOf(face, part, where, known);
}

// ---- the exchanges ------------------------------------------------------------------------------

const good = { native: new Set(), lago: new Set() };
const refused = new Set();

function errorsOf(validate) {
  return [...new Set(validate.errors.map((error) => `${error.instancePath.replace(/\/\d+(?=\/|$)/g, '/N')} ${error.message}`
    + `${error.params.unevaluatedProperty ? ` (${error.params.unevaluatedProperty})` : ''}`
    + `${error.params.additionalProperty ? ` (${error.params.additionalProperty})` : ''}`))].slice(0, 5).join('; ');
}

function checkExchange(exchange) {
  const face = Object.keys(PREFIX).find((name) => exchange.path.startsWith(`${PREFIX[name]}/`));
  if (!face) return; // health, metrics, pages: not of the API
  const document = faces[face];
  const template = templateOf(document, exchange.path.slice(PREFIX[face].length));
  const method = exchange.method.toLowerCase();
  const type = exchange.type.split(';')[0];
  const isGood = exchange.status >= 200 && exchange.status < 300;
  const operation = template && document.paths[template][method];
  let json = null;
  if (exchange.body !== null && exchange.body !== '') {
    try { json = JSON.parse(exchange.body); } catch { check(false, `${face} ${exchange.method} ${template}: ${exchange.status} is not JSON`, exchange.body); return; }
  }
  if (!operation) {
    check(!isGood, `${face} ${exchange.method} ${template ?? exchange.path} is not in the document, and answers ${exchange.status}`);
    const [media, pointer] = [document.components.responses.Problem.content[type], '/components/responses/Problem/content'];
    const validate = media && validator[face](`${pointer}/${escape(type)}/schema`);
    if (!isGood) check(validate && validate(json), `${face} no such operation: ${exchange.status} ${type}${validate ? `: ${errorsOf({ errors: validate.errors || [] })}` : ''}`, exchange.body);
    return;
  }
  const name = `${exchange.method} ${template}`;
  const base = `/paths/${escape(template)}/${method}`;
  const status = operation.responses[exchange.status] ? String(exchange.status) : 'default';
  const [answer, at] = resolve(document, operation.responses[status], `${base}/responses/${status}`);
  const shown = `${face} ${name} ${exchange.status}`;
  if (isGood) good[face].add(name);
  else if (exchange.status < 500 && face === 'native') refused.add(name);
  if (!answer || (isGood && status === 'default')) { check(false, `${shown} is not in the document`, exchange.body); return; }
  if (!answer.content) { check(!exchange.body, `${shown} has a body, and none in the document`, exchange.body); return; }
  const media = answer.content[type];
  if (!media) { check(false, `${shown}: content type "${type}" is not in the document`, exchange.body); return; }
  if (json !== null) {
    const validate = validator[face](`${at}/content/${escape(type)}/schema`);
    check(validate(json), `${shown}: ${validate.errors ? errorsOf(validate) : ''}`, exchange.body);
    if (isGood) mark(face, media.schema, json, name);
  }
  const sent = operation.requestBody?.content?.[exchange.sentType.split(';')[0]];
  if (isGood && face === 'native' && exchange.sent && sent && /[/+]json\b/.test(exchange.sentType)) {
    const validate = validator.native(`${base}/requestBody/content/${escape(exchange.sentType.split(';')[0])}/schema`);
    check(validate(JSON.parse(exchange.sent)), `${name} took what the document does not: ${validate.errors ? errorsOf(validate) : ''}`, exchange.sent);
  }
}

let exchanges = 0;
for (const file of readdirSync(folder).filter((name) => name.endsWith('.ndjson'))) {
  for (const line of readFileSync(join(folder, file), 'utf8').split('\n')) {
    if (line === '') continue;
    exchanges++;
    checkExchange(JSON.parse(line));
  }
}

for (const [path, item] of Object.entries(faces.native.paths)) {
  for (const method of METHODS.filter((name) => item[name])) {
    const name = `${method.toUpperCase()} ${path}`;
    check(good.native.has(name), `${name} was never answered well`);
    if (method !== 'get') check(refused.has(name), `${name} was never seen to refuse`);
    const known = new Set();
    for (const [status, answer] of Object.entries(item[method].responses)) {
      if (!status.startsWith('2')) continue;
      for (const { schema } of Object.values(answer.content || {})) {
        for (const field of fieldsOf('native', schema, name, known)) check(seenFields.native.has(field), `field ${field} was never seen in an answer`);
      }
    }
  }
}

let shown = 0;
for (const [what, { count, example }] of problems) {
  if (++shown > SHOWN) break;
  console.log(`FAILED ${what}${count > 1 ? ` (${count} times)` : ''}${example ? `\n    ${example}` : ''}`);
}
if (problems.size > SHOWN) console.log(`... and ${problems.size - SHOWN} more kinds`);
console.log(`${exchanges} exchanges, ${good.native.size} operations answered on the native face, ${good.lago.size} on Lago's`);
console.log(`${passed} passed, ${problems.size} failed`);
process.exit(problems.size === 0 ? 0 : 1);
