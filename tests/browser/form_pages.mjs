// form_pages.mjs BILLOW [NAME...]: bad input in every field of every form.
//
// Forms are found by following all links of console, portal and both sign-ins, and their fields stand in
// the HTML that was rendered; none is listed here, so that a form that is added is tried, too.  Each
// field is sent missing, too long, hostile, right to left, as emoji and with U+0000.  Whatever is refused
// says so at its field, the others hold what was typed, and the audit trail has nothing new.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { openBrowser } from './browser.mjs';
import { CUSTOMER, apiOf, makeWorld } from './portal_world.mjs';
import { counter } from './run_tests.mjs';
import { startBillow } from './server.mjs';

const PAGES_MAX = 150;
const PASSWORD = 'correct horse battery';
const { test, end } = counter();
const billow = resolve(process.argv[2]);
const server = await startBillow(billow, { args: ['--test-clock'], env: { BILLOW_SANDBOX_GATEWAY_URL: 'http://localhost:9',
  BILLOW_SANDBOX_GATEWAY_KEY: 'key', BILLOW_SANDBOX_GATEWAY_SECRET: `whsec_${Buffer.alloc(32).toString('base64')}` } });
const browser = await openBrowser();
const { base } = server;
const api = apiOf(base, server.key);

// What is told, and whether a field may take it where it is no longer than it may be.
const KINDS = [
  { name: 'missing', of: () => null },
  { name: 'empty', of: () => '' },
  { name: 'spaces alone', of: () => '   ' },
  { name: 'one too long', of: ({ max }) => (max > 0 ? 'x'.repeat(max + 1) : null), isRefused: ({ max }) => max > 0 },
  { name: '100 kB', of: () => 'y'.repeat(100000), isRefused: () => true },
  { name: 'hostile', of: () => '"><script>alert(1)</script><img src=x onerror=alert(1)>' },
  { name: 'right to left', of: () => 'שלום \u202eעולם مرحبا' },
  { name: 'emoji', of: () => '🚀👩‍👩‍👧🏳️‍🌈' },
  { name: 'U+0000', of: () => 'a\u0000b', isRefused: () => true },
];

// In the page's own world, without loading anything: what an answer's HTML has in it.
const formsIn = (page, html) => page.evaluate((text) => {
  const parsed = new DOMParser().parseFromString(text, 'text/html');
  return [...parsed.querySelectorAll('form')].filter((form) => form.getAttribute('method')?.toLowerCase() === 'post').map((form) => ({
    action: form.getAttribute('action'),
    error: [...form.querySelectorAll('.alert')].map((one) => one.textContent.trim()).join(' '),
    fields: [...form.elements].filter((one) => one.name && one.type !== 'submit').map((one) => ({
      name: one.name, type: one.type, value: one.value, isRequired: one.required, max: Number(one.getAttribute('maxlength') ?? 0),
      isInvalid: one.getAttribute('aria-invalid') === 'true',
      error: parsed.getElementById((one.getAttribute('aria-describedby') ?? '').split(' ')[0])?.textContent.trim() ?? '',
    })),
  }));
}, html);
const linksIn = (page, html) => page.evaluate((text) => {
  const parsed = new DOMParser().parseFromString(text, 'text/html');
  return [[...parsed.querySelectorAll('a[href]')].map((one) => one.getAttribute('href')), parsed.querySelectorAll('img[src=x], [onerror], script:not([src])').length];
}, html);

// "/invoices/{id}/void": one of a kind of page is enough.
const kindOf = (path) => path.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, '{id}').replace(/=[^&]*/g, '=');

const filesOf = /\/(pdf|json|receipt\.pdf)($|\?)|format=|\.(csv|pdf)|lang=/;

// All forms that can be come to from `first`: [{page, action, fields}].
async function findForms(page, first) {
  const forms = new Map();
  const seen = new Set();
  const rest = [...first];
  while (rest.length > 0 && seen.size < PAGES_MAX) {
    const path = rest.shift();
    const key = first.includes(path) ? path : kindOf(path);
    if (seen.has(key) || filesOf.test(path))
      continue;
    seen.add(key);
    const answer = await page.context().request.get(base + path);
    if (!(answer.headers()['content-type'] ?? '').startsWith('text/html') || answer.status() !== 200)
      continue;
    const html = await answer.text();
    for (const form of await formsIn(page, html)) {
      const action = form.action ?? path;
      if (!forms.has(kindOf(action)))
        forms.set(kindOf(action), { ...form, path, action });
    }
    const [links] = await linksIn(page, html);
    rest.push(...links.filter((link) => /^\/(?!\/|a\/)/.test(link)).map((link) => link.replace(/#.*/, '')));
  }
  assert.ok(seen.size < PAGES_MAX, 'the walk over the pages does not end');
  return [...forms.values()];
}

// How many entries the audit trail has: whatever changes anything makes one.
const changes = async () => {
  const { meta } = await api('GET', '/audit_entries?per_page=1');
  assert.ok(meta.total_count > 0);
  return meta.total_count;
};

const send = (page, action, fields) => page.context().request.post(base + action, {
  headers: { 'Content-Type': 'application/x-www-form-urlencoded', Origin: base },
  data: new URLSearchParams(fields).toString(), maxRedirects: 0 });

// What stands in a form as a browser would send it, with something typed where nothing stands.
const typed = (field) => field.value || (field.type === 'email' ? 'typed@example.com' : field.type === 'password' ? 'what was typed here' : field.type === 'date' ? '2026-10-01' : 'typed');

async function tryField(page, form, field, kind) {
  const bad = kind.of(field);
  const sent = form.fields.map((one) => [one.name, one === field ? bad : one.type === 'hidden' ? one.value : typed(one)]).filter(([, value]) => value !== null);
  const before = await changes();
  const answer = await send(page, form.action, sent);
  const status = answer.status();
  const what = `${form.action} ${field.name} ${kind.name}: ${status}`;
  if (status === 429) // attempts at a secret are slowed down
    return 'slowed down';
  if (field.type === 'hidden') { // no one types it; a wrong one is refused, or is no matter
    assert.ok([303, 400, 403, 404, 422].includes(status), what);
    if (field.name === 'csrf')
      assert.equal(status, 403, what);
    if (status >= 400)
      assert.equal(await changes(), before, what);
    return status === 303 ? 'taken' : 'refused';
  }
  const mustRefuse = kind.isRefused?.(field) || (field.isRequired && (bad ?? '').trim() === '' && field.type !== 'password');
  if (status === 303 && !mustRefuse)
    return 'taken';
  assert.equal(status, 422, what);
  assert.equal(await changes(), before, `${what}: something changed`);
  const html = await answer.text();
  const again = (await formsIn(page, html)).find((one) => kindOf(one.action ?? form.action) === kindOf(form.action));
  assert.ok(again, `${what}: the form is gone`);
  assert.equal((await linksIn(page, html))[1], 0, `${what}: it became markup`);
  const errors = again.fields.filter((one) => one.error !== '' && one.isInvalid);
  assert.ok(errors.length > 0 || again.error !== '', `${what}: no word of what is wrong`);
  if (mustRefuse)
    assert.ok(again.fields.find((one) => one.name === field.name).isInvalid, `${what}: no message at the field`);
  for (const one of again.fields.filter(({ type }) => !['hidden', 'password', 'checkbox', 'select-one'].includes(type))) {
    const [, value] = sent.find(([name]) => name === one.name) ?? [one.name, ''];
    if (one.type !== 'date' && !value.includes('\u0000'))
      assert.equal(one.value, one.type === 'email' ? value.trim() : value, `${what}: ${one.name} is not kept`);
  }
  return 'refused';
}

async function tryAll(name, first, signIn, wanted) {
  const page = await browser.page();
  await page.goto(`${base}/about`);
  await signIn(page);
  const forms = await findForms(page, first);
  const found = forms.map((form) => kindOf(form.action));
  console.log(`    ${name}: ${found.join(' ')}`);
  for (const action of wanted)
    assert.ok(found.includes(action), `the walk has not found ${action}, but ${found.join(' ')}`);
  for (const form of forms) {
    await test(`${name} ${kindOf(form.action)}`, async () => {
      const counts = {};
      let current = form;
      for (const { name: field } of form.fields) {
        for (const kind of KINDS) {
          // As it is now: what was sent before may have changed it.
          const html = await (await page.context().request.get(base + form.path)).text();
          current = (await formsIn(page, html)).find((one) => (one.action ?? form.path) === form.action) ?? null;
          if (!current) // done, so it is offered no more
            break;
          const outcome = await tryField(page, { ...current, path: form.path, action: form.action }, current.fields.find((one) => one.name === field), kind);
          counts[outcome] = (counts[outcome] ?? 0) + 1;
        }
      }
      console.log(`    ${form.fields.map((field) => field.name).join(', ')}: ${JSON.stringify(counts)}`);
      assert.ok((counts.refused ?? 0) > 0);
    });
  }
  await page.context().close();
}

function command(args, input) {
  const { status, stderr } = spawnSync(billow, [...args, '--database', `sqlite:${join(server.folder, 'billow.db')}`], { input, cwd: server.folder, timeout: 60000, encoding: 'utf8' });
  assert.equal(status, 0, `${args.join(' ')}: ${stderr}`);
}

try {
  await makeWorld(api);
  await api('POST', '/customers', { customer: { external_id: 'grace', currency: 'EUR', billing_configuration: { invoice_grace_period: 30 } } });
  await api('POST', '/subscriptions', { subscription: { external_customer_id: 'grace', external_id: 'grace-1', plan_code: 'compute', billing_time: 'calendar' } });
  await api('PUT', '/test_clock', { test_clock: { now: '2026-12-01T12:00:00+01:00', run_jobs: true } });
  await api('POST', '/events', { event: { transaction_id: 'u1', external_subscription_id: 'nobody', code: 'egress', timestamp: '2026-11-01T00:00:00Z', properties: { gb: 1 } } });
  command(['import', 'focus', new URL('../data/cost/costs-a.csv', import.meta.url).pathname], '');
  command(['user', 'add', 'op@example.com', '--name', 'Olga Petrova'], PASSWORD);
  const asOperator = async (page) => {
    await page.goto(`${base}/sign-in`);
    await page.fill('[name=email]', 'op@example.com');
    await page.fill('[name=password]', PASSWORD);
    await Promise.all([page.waitForNavigation(), page.click('main button[type=submit]')]);
  };
  const asCustomer = async (page) => {
    const { customer: { portal_url: url } } = await api('GET', `/customers/${CUSTOMER.external_id}/portal_url`);
    await page.goto(url);
    await Promise.all([page.waitForNavigation(), page.click('main button[type=submit]')]);
  };
  const drafts = (await api('GET', '/invoices?status=draft')).invoices;
  const { customer: { portal_url: link } } = await api('GET', `/customers/${CUSTOMER.external_id}/portal_url`);
  await tryAll('console', ['/', `/invoices/${drafts[0].id}`, '/exceptions?account=a1&provider=Acme'], asOperator, ['/invoices/{id}/payments', '/invoices/{id}/void', '/invoices/{id}/finalize', '/invoices/{id}/refresh', '/exceptions/assign', '/endpoints', '/account', '/account/password']);
  await tryAll('portal', ['/portal', '/portal/account'], asCustomer, ['/portal/sign-out', '/portal/invoices/{id}/pay']);
  await tryAll('sign-in', ['/sign-in', '/portal/sign-in', new URL(link).pathname], async () => {}, ['/sign-in', '/portal/sign-in']);
} catch (error) {
  await test('set up', () => { throw error; });
} finally {
  await browser.close();
  await server.stop();
}
end();
