// Recomputes the steps of a fee's explanation, with exact fractions of its own: what they say must
// follow from what they are given, and lead to the amount.  Knows nothing of Billow's code.

// ---- fractions: [numerator, denominator], the denominator above 0 --------------------------------
const gcd = (a, b) => { while (b) [a, b] = [b, a % b]; return a < 0n ? -a : a; };
const fraction = (n, d) => {
  if (d === 0n) throw new Error('a division by zero');
  const g = gcd(n, d) * (d < 0n ? -1n : 1n);
  return g === 0n ? [0n, 1n] : [n / g, d / g];
};
export const parse = (text) => {
  const m = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text);
  if (!m) throw new Error(`${JSON.stringify(text)} is no decimal`);
  const n = BigInt(m[2] + (m[3] ?? ''));
  return fraction(m[1] ? -n : n, 10n ** BigInt((m[3] ?? '').length));
};
export const add = (a, b) => fraction(a[0] * b[1] + b[0] * a[1], a[1] * b[1]);
const neg = (a) => [-a[0], a[1]];
const sub = (a, b) => add(a, neg(b));
const mul = (a, b) => fraction(a[0] * b[0], a[1] * b[1]);
const div = (a, b) => fraction(a[0] * b[1], a[1] * b[0]);
const less = (a, b) => a[0] * b[1] < b[0] * a[1];
export const equal = (a, b) => a[0] * b[1] === b[0] * a[1];
const floorOf = (a) => { const q = a[0] / a[1]; return a[0] < 0n && q * a[1] !== a[0] ? q - 1n : q; };
const floor = (a) => [floorOf(a), 1n];
const ceil = (a) => neg(floor(neg(a)));
const half = (a) => (a[0] < 0n ? neg(half(neg(a))) : floor(add(a, [1n, 2n]))); // half away from zero
const to = (how) => (a, decimals) => {
  if (decimals[1] !== 1n) throw new Error('decimals are a whole number');
  const power = decimals[0] < 0n ? [1n, 10n ** -decimals[0]] : [10n ** decimals[0], 1n];
  return div(how(mul(a, power)), power);
};
const functions = {
  round: to(half), ceil: to(ceil), floor: to(floor),
  min: (a, b) => (less(a, b) ? a : b), max: (a, b) => (less(a, b) ? b : a),
};

// ---- formulas: names, decimals, + - * /, parentheses, functions of two ---------------------------
export function evaluate(op, inputs) {
  const tokens = op.match(/[a-z_][a-z_0-9]*|\d+(?:\.\d+)?|\S/g) ?? [];
  let at = 0;
  const take = (wanted) => { if (tokens[at] !== wanted) throw new Error(`${op}: wanted ${wanted} at ${tokens[at]}`); at++; };
  const sum = () => {
    let value = product();
    while (tokens[at] === '+' || tokens[at] === '-') value = tokens[at++] === '+' ? add(value, product()) : sub(value, product());
    return value;
  };
  const product = () => {
    let value = term();
    while (tokens[at] === '*' || tokens[at] === '/') value = tokens[at++] === '*' ? mul(value, term()) : div(value, term());
    return value;
  };
  const term = () => {
    const token = tokens[at++];
    if (token === '(') { const value = sum(); take(')'); return value; }
    if (/^\d/.test(token ?? '')) return parse(token);
    if (tokens[at] === '(' && Object.hasOwn(functions, token)) {
      take('('); const a = sum(); take(','); const b = sum(); take(')');
      return functions[token](a, b);
    }
    if (token === undefined || token === 'op' || !Object.hasOwn(inputs, token)) throw new Error(`${op}: no input ${token}`);
    return parse(inputs[token]);
  };
  const value = sum();
  if (at !== tokens.length) throw new Error(`${op}: ${tokens[at]} is too much`);
  return value;
}

// ---- steps ---------------------------------------------------------------------------------------
// What is wrong with them, in words; the last step's result is `wanted`.
export function problemsOf(steps, wanted) {
  const problems = [];
  const soFar = { quantity: null, cost: [0n, 1n], subtotal: [0n, 1n] };
  let last = null;
  for (const [i, step] of steps.entries()) {
    try {
      for (const [name, text] of Object.entries(step.inputs)) {
        if (name === 'op') continue;
        if (typeof text !== 'string') throw new Error(`${name} is no text`);
        if (Object.hasOwn(soFar, name) && (soFar[name] === null || !equal(parse(text), soFar[name]))) throw new Error(`${name} is ${text}, not what the steps before come to`);
        parse(text);
      }
      last = evaluate(step.inputs.op, step.inputs);
      if (!equal(last, parse(step.result))) throw new Error(`${step.inputs.op} is ${last[0]}/${last[1]}, not ${step.result}`);
      if (step.kind === 'quantity') soFar.quantity = last;
      else if (step.kind === 'total') soFar.subtotal = last;
      else if (step.kind === 'cost') soFar.cost = add(soFar.cost, last);
      else if (step.kind === undefined) soFar.subtotal = add(soFar.subtotal, last);
      else throw new Error(`unknown kind ${step.kind}`);
    } catch (e) {
      problems.push(`step ${i + 1} (${step.text}): ${e.message}`);
    }
  }
  if (last === null || !equal(last, wanted)) problems.push(`the steps lead to ${last && `${last[0]}/${last[1]}`}, not to ${wanted[0]}/${wanted[1]}`);
  return problems;
}

const digitsOf = (currency) => new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits;
export const major = (minor, currency) => fraction(BigInt(minor), 10n ** BigInt(digitsOf(currency)));

// What is priced is the quantity: by a model that takes it as it is, or in tiers that share it out.
// One below 0 counts as 0 (but a percentage of it).
function unitsProblems(explanation) {
  const quantity = explanation.steps.findLast((step) => step.kind === 'quantity');
  const model = explanation.charge?.charge_model;
  // A prorated price is of units times their days; the quantity is what is there at the end.
  if (!quantity || !model || explanation.steps.some((step) => step.inputs.unit_days)) return [];
  const end = explanation.steps.findIndex((step) => step.kind === 'total');
  const units = explanation.steps.slice(0, end).filter((step) => step.kind === undefined && step.inputs.units).map((step) => parse(step.inputs.units));
  const wanted = parse(quantity.result);
  const counts = less(wanted, [0n, 1n]) ? [0n, 1n] : wanted;
  const right = {
    standard: () => units.every((one) => equal(one, counts)), volume: () => units.every((one) => equal(one, counts)),
    package: () => units.every((one) => equal(one, counts)), capacity: () => units.every((one) => equal(one, counts)),
    percentage: () => units.every((one) => equal(one, wanted)),
    graduated: () => equal(units.reduce(add), counts), graduated_percentage: () => equal(units.reduce(add), counts),
  }[model];
  return right === undefined || right() ? [] : [`the units that are priced are not the quantity of ${quantity.result}`];
}

// An answer of GET /fees/{id}/explanation against the fee that it is of.
export function check(explanation, fee) {
  const problems = [];
  if (!explanation.matches) problems.push(`does not match: ${explanation.amount_cents}, recomputed ${explanation.recomputed_amount_cents}`);
  if (explanation.amount_cents !== fee.amount_cents) problems.push(`is of ${explanation.amount_cents}, the fee of ${fee.amount_cents}`);
  problems.push(...problemsOf(explanation.steps, major(fee.amount_cents, fee.amount_currency)));
  problems.push(...unitsProblems(explanation));
  if (explanation.taxes.length !== fee.applied_taxes.length) problems.push(`explains ${explanation.taxes.length} taxes of ${fee.applied_taxes.length}`);
  for (const [i, tax] of explanation.taxes.entries()) {
    const wanted = fee.applied_taxes.find((one) => one.tax_code === tax.tax_code);
    problems.push(...(wanted ? problemsOf(tax.steps, major(wanted.amount_cents, wanted.amount_currency)) : ['no such tax']).map((p) => `tax ${i + 1}: ${p}`));
  }
  return problems;
}
