// api/openapi.yaml made ready to check answers with, for both faces.
//
// Closed: an object that lists its properties has no others; one that lists none says
// `additionalProperties`, so that what is free is free by decision.  The Lago face is the same
// document translated by rule (toLago) and by the marks `x-lago` in it:
//   x-lago: only        the property is on that face alone
//   x-lago: none        the property is on the native face alone
//   x-lago: {schema}    the property has this schema there
//   x-lago-name: name   the property is called so there
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

export const METHODS = ['get', 'post', 'put', 'patch', 'delete'];
export const PREFIX = { native: '/api/v1', lago: '/lago/api/v1' };

export const readDocument = (file) => parse(readFileSync(file, 'utf8'));

const isObject = (value) => value !== null && typeof value === 'object' && !Array.isArray(value);

// Calls `visit(schema, where)` for a schema and all in it.
function walk(schema, where, visit) {
  if (!isObject(schema)) return;
  visit(schema, where);
  for (const [name, part] of Object.entries(schema.properties || {})) walk(part, `${where}.${name}`, visit);
  for (const key of ['items', 'additionalProperties', 'unevaluatedProperties']) walk(schema[key], `${where}[]`, visit);
  for (const key of ['allOf', 'oneOf', 'anyOf']) (schema[key] || []).forEach((part, i) => walk(part, `${where}/${key}${i}`, visit));
}

function* schemasOf(document) {
  for (const [name, schema] of Object.entries(document.components.schemas)) yield [name, schema];
  for (const [path, item] of Object.entries(document.paths)) {
    for (const method of METHODS) {
      const operation = item[method];
      if (!operation) continue;
      const where = `${method.toUpperCase()} ${path}`;
      for (const [type, { schema }] of Object.entries(operation.requestBody?.content || {})) yield [`${where} request ${type}`, schema];
      for (const [status, answer] of Object.entries(operation.responses)) {
        for (const [type, { schema }] of Object.entries(answer.content || {})) yield [`${where} ${status} ${type}`, schema];
      }
    }
  }
}

// Closes all objects; returns what is wrong with the document.
export function close(document) {
  const problems = [];
  for (const [name, root] of schemasOf(document)) {
    walk(root, name, (schema, where) => {
      const types = [schema.type].flat();
      if (!types.includes('object') || schema.additionalProperties !== undefined || schema.unevaluatedProperties !== undefined) return;
      if (schema.properties || schema.allOf) schema.unevaluatedProperties = false;
      else problems.push(`${where} is an object without properties: say additionalProperties`);
    });
  }
  return problems;
}

const LAGO_ERROR = {
  type: 'object',
  required: ['status', 'error'],
  unevaluatedProperties: false,
  properties: {
    status: { type: 'integer' },
    error: { type: 'string' },
    code: { type: 'string' },
    durable_lines: { type: 'integer' }, // of a stream alone
    error_details: { type: 'object', additionalProperties: { type: 'array', minItems: 1, items: { type: 'string' } } },
  },
};

const isId = (schema) => schema.$ref === '#/components/schemas/Id' || schema.format === 'uuid';
export const lagoName = (name, schema) => schema['x-lago-name']
  || (isId(schema) && (name === 'id' || name.endsWith('_id')) ? `lago_${name}` : name);

function propertiesToLago(properties, required) {
  const out = {};
  const names = {};
  for (const [name, schema] of Object.entries(properties)) {
    if (schema['x-lago'] === 'none') continue;
    names[name] = lagoName(name, schema);
    out[names[name]] = isObject(schema['x-lago']) ? schema['x-lago'] : schema;
  }
  return [out, (required || []).filter((name) => names[name]).map((name) => names[name])];
}

// The document as the Lago face answers it.
export function toLago(native) {
  const document = structuredClone(native);
  for (const [name, root] of schemasOf(document)) {
    walk(root, name, (schema) => {
      if (!schema.properties) return;
      const [properties, required] = propertiesToLago(schema.properties, schema.required);
      schema.properties = properties;
      if (schema.required) schema.required = required;
    });
  }
  document.components.schemas.Decimal = { type: ['string', 'number'] };
  document.components.schemas.Problem = LAGO_ERROR;
  document.components.responses.Problem.content = { 'application/json': { schema: LAGO_ERROR } };
  for (const item of Object.values(document.paths)) {
    for (const method of METHODS) {
      const answers = item[method]?.responses;
      if (answers?.['201'] && !answers['200']) { answers['200'] = answers['201']; delete answers['201']; }
    }
  }
  return document;
}

// The native document: without what is on the Lago face alone.
export function toNative(document) {
  const copy = structuredClone(document);
  for (const [name, root] of schemasOf(copy)) {
    walk(root, name, (schema) => {
      for (const [key, part] of Object.entries(schema.properties || {})) if (part['x-lago'] === 'only') delete schema.properties[key];
    });
  }
  return copy;
}

// The template of a path: the most literal that fits.
export function templateOf(document, path) {
  const parts = path.split('/');
  let best = null;
  for (const template of Object.keys(document.paths)) {
    const wanted = template.split('/');
    if (wanted.length !== parts.length) continue;
    if (!wanted.every((part, i) => (part.startsWith('{') ? parts[i] !== '' : part === parts[i]))) continue;
    const literals = wanted.filter((part) => !part.startsWith('{')).length;
    if (!best || literals > best.literals) best = { template, literals };
  }
  return best?.template;
}
