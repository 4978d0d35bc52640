#!/usr/bin/env node
// Writes docs/lago-face.md to standard output: what each operation answers on the Lago face, and what
// of Lago's own API is not there yet, from api/openapi.yaml and Lago's npm client.
//
//   node tests/contract/lago_face.mjs > docs/lago-face.md
import { readFileSync } from 'node:fs';
import { METHODS, lagoName, readDocument } from './schemas.mjs';

const document = readDocument(new URL('../../api/openapi.yaml', import.meta.url).pathname);
const client = readFileSync(new URL('../node_modules/lago-javascript-client/esm/openapi/client.js', import.meta.url), 'utf8');

const named = (schema) => schema?.$ref?.split('/').pop();
const shape = (path) => path.replace(/\{[^}]*\}|\$\{[^}]*\}/g, '{}');

// "`invoice`: Invoice", "`taxes`: list of Tax"
function answerOf(operation) {
  const [, answer] = Object.entries(operation.responses).find(([status]) => status.startsWith('2')) || [];
  const schema = answer?.content?.['application/json']?.schema;
  return Object.entries(schema?.properties || {}).filter(([key]) => key !== 'meta')
    .map(([key, part]) => `\`${key}\`: ${part.items ? `list of ${named(part.items) || 'object'}` : named(part) || part.type}`).join(', ');
}

const operations = Object.entries(document.paths).flatMap(([path, item]) => METHODS.filter((method) => item[method])
  .map((method) => ({ name: `${method.toUpperCase()} ${path}`, shape: `${method.toUpperCase()} ${shape(path)}`, operation: item[method] })));
const ours = new Set(operations.map((one) => one.shape));
const theirs = [...client.matchAll(/path: `([^`]+)`,\s+method: "([A-Z]+)"/g)].map(([, path, method]) => ({ name: `${method} ${path.replaceAll('${', '{')}`, shape: `${method} ${shape(path)}` }));
const known = new Set(theirs.map((one) => one.shape));

const lines = [`# The Lago face

Made by \`make lago-face\` from \`api/openapi.yaml\` and the npm client of Lago's API. Below \`/lago/api/v1\` the same operations answer in Lago's wire format:

- an object's own id is \`lago_id\`, another object's \`lago_X_id\`; what is made answers 200;
- a tax's rate is a JSON number; other decimals are texts, as there;
- errors are \`{status, error, code, error_details}\`, with \`durable_lines\` where a stream of events ends; lists have the same \`meta\`;
- unknown fields are passed over and named in an answer's header; a known field that Billow can't do yet, set to what matters, is 422 \`not_supported\`;
- numbers may come as texts and texts as numbers; a repeated event is 422 \`value_already_exist\`.

## Operations
| operation | answers | in Lago's client |
|---|---|---|`];
for (const { name, shape: key, operation } of operations) lines.push(`| \`${name}\` | ${answerOf(operation)} | ${known.has(key) ? 'yes' : ''} |`);
lines.push('', '## Fields that differ beyond ids');
for (const [name, schema] of Object.entries(document.components.schemas)) {
  for (const [field, part] of Object.entries(schema.properties || {})) {
    const mark = part['x-lago'];
    const renamed = part['x-lago-name'] && `is called \`${lagoName(field, part)}\``;
    const says = mark === 'only' ? 'only there' : mark === 'none' ? 'not there' : mark && (mark.description || (mark.enum ? `one of ${mark.enum.join(', ')}` : 'of another type'));
    if (says || renamed) lines.push(`- ${name}.${field}: ${[renamed, says].filter(Boolean).join(', ')}`);
  }
}
lines.push('', '## Not there yet', theirs.filter((one) => !ours.has(one.shape)).map((one) => `\`${one.name}\``).join(', '));
console.log(lines.join('\n'));
