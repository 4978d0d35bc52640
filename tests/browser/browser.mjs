// browser.mjs: Chromium for tests, and what every page is checked for.
//
//   const browser = await openBrowser();
//   const page = await browser.page({ width: 390, dark: true });
//   await page.goto(url); ... await page.verify();   // console errors, CSP reports, axe
//   await browser.close();
//
// `page` is Playwright's page (https://playwright.dev/docs/api/class-page) with some methods more.
// Checks run while the page's Content-Security-Policy stays on: axe-core works in a world of its own.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { chromium } from 'playwright-core';

const top = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const PATIENCE_MS = 20000;

export const screens = join(top, 'build/screens');
export const WIDE = 1440;
export const NARROW = 390;

// Bytes as sent, and milliseconds of the server for a page that is asked for again.
export const budgets = { html: 15 * 1024, js: 25 * 1024, css: 50 * 1024, first: 150 * 1024, renderMs: 5 };

const args = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync', '--disable-dev-shm-usage'];

function chromiumPath() {
  const path = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser'].find((one) => one && existsSync(one));
  assert.ok(path, 'chromium is missing: run script/setup test');
  return path;
}

// What Chromium says on the console of its own accord, and what is expected of an error page.
const isExpected = (text, statuses) => statuses.some((status) => text.startsWith(`Failed to load resource: the server responded with a status of ${status} `));

const RULES = "['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']";
const COLOUR_RULES = "{ type: 'rule', values: ['color-contrast', 'link-in-text-block'] }";

async function axeViolations(page, coloursAlone) {
  const session = await page.context().newCDPSession(page);
  try {
    const { frameTree } = await session.send('Page.getFrameTree');
    const { executionContextId: contextId } = await session.send('Page.createIsolatedWorld', { frameId: frameTree.frame.id, worldName: 'axe' });
    const evaluate = async (expression) => {
      const { result, exceptionDetails } = await session.send('Runtime.evaluate', { contextId, expression, awaitPromise: true, returnByValue: true });
      assert.ok(!exceptionDetails, `axe: ${exceptionDetails?.exception?.description}`);
      return result.value;
    };
    await evaluate(`${axe}; true`);
    return await evaluate(`axe.run(document, { runOnly: ${coloursAlone ? COLOUR_RULES : RULES}, resultTypes: ['violations'] })
      .then((result) => result.violations.map(({ id, help, nodes }) => ({ id, help, nodes: nodes.map((node) => node.html.slice(0, 200) + ' | ' + node.failureSummary) })))`);
  } finally {
    await session.detach();
  }
}

// What the layout must keep at any width: nothing wider than the window, every icon known, no two
// elements with one id.
const layoutFaults = async () => {
  const faults = [];
  if (document.documentElement.scrollWidth > window.innerWidth)
    faults.push(`the page is ${document.documentElement.scrollWidth} wide in a window of ${window.innerWidth}`);
  const sprites = new Map();
  for (const use of document.querySelectorAll('svg use')) {
    const [url, id] = use.getAttribute('href').split('#');
    if (!sprites.has(url))
      sprites.set(url, new Set([...(await (await fetch(url)).text()).matchAll(/<symbol id="([^"]+)"/g)].map((match) => match[1])));
    if (!sprites.get(url).has(id))
      faults.push(`no icon ${id}`);
  }
  const ids = [...document.querySelectorAll('[id]')].map((element) => element.id);
  for (const id of new Set(ids.filter((one, index) => ids.indexOf(one) !== index)))
    faults.push(`the id ${id} stands twice`);
  for (const link of document.querySelectorAll('a'))
    if (['', '#'].includes(link.getAttribute('href') ?? ''))
      faults.push(`a link leads nowhere: ${link.outerHTML.slice(0, 120)}`);
  return faults;
};

export async function openBrowser() {
  const chrome = await chromium.launch({ executablePath: chromiumPath(), args, headless: true, timeout: PATIENCE_MS });
  const contexts = new Set();

  // A page with its own cookies unless `context` of another page is given.
  async function page({ width = WIDE, height = width === NARROW ? 844 : 900, dark = false, context = null, js = true, locale = 'en', expectStatus = [], ...more } = {}) {
    const own = context ?? await chrome.newContext({ viewport: { width, height }, colorScheme: dark ? 'dark' : 'light', javaScriptEnabled: js, locale, reducedMotion: 'reduce', serviceWorkers: 'block', ...more });
    contexts.add(own);
    own.setDefaultTimeout(PATIENCE_MS);
    const made = await own.newPage();
    const complaints = [];
    made.on('console', (message) => {
      if (['error', 'warning'].includes(message.type()) && !isExpected(message.text(), made.expectStatus))
        complaints.push(`console: ${message.text()}`);
    });
    made.on('pageerror', (error) => complaints.push(`script: ${error.message}`));
    made.on('requestfailed', (request) => {
      if (!['net::ERR_ABORTED'].includes(request.failure()?.errorText))
        complaints.push(`${request.url()}: ${request.failure()?.errorText}`);
    });
    await own.exposeBinding?.('__violated', (source, words) => { if (source.page === made) complaints.push(`CSP: ${words}`); }).catch(() => {});
    await made.addInitScript(() => addEventListener('securitypolicyviolation', (event) =>
      globalThis.__violated?.(`${event.violatedDirective} refuses ${event.blockedURI || 'inline'} ${event.sourceFile ?? ''}:${event.lineNumber}`)));
    made.expectStatus = expectStatus;
    made.complaints = complaints;
    made.axe = (coloursAlone = false) => axeViolations(made, coloursAlone);

    // Fails with everything that is wrong with the page as it stands; `coloursAlone`: what another
    // theme may change of it.
    made.verify = async (name = new URL(made.url()).pathname, { coloursAlone = false } = {}) => {
      const wrong = [...complaints, ...(coloursAlone ? [] : await made.evaluate(layoutFaults))];
      for (const { id, help, nodes } of await made.axe(coloursAlone))
        wrong.push(`axe ${id}: ${help}\n      ${nodes.join('\n      ')}`);
      assert.equal(wrong.length, 0, `${name}:\n    ${wrong.join('\n    ')}`);
    };

    made.shoot = async (name, options = {}) => {
      mkdirSync(screens, { recursive: true });
      await made.evaluate(() => document.fonts.ready);
      // The whole page, in a window that is as high, so that what is fixed fills it.
      const whole = options.fullPage ?? true;
      if (whole)
        await made.setViewportSize({ width, height: Math.max(height, await made.evaluate(() => document.documentElement.scrollHeight)) });
      await made.screenshot({ path: join(screens, `${name}.png`), animations: 'disabled', ...options });
      if (whole)
        await made.setViewportSize({ width, height });
    };
    return made;
  }

  return {
    page,
    close: async () => {
      for (const context of contexts)
        await context.close().catch(() => {});
      await chrome.close();
    },
  };
}

// Goes to `url` with an empty cache and weighs what comes over the wire.
export async function weigh(page, url) {
  const session = await page.context().newCDPSession(page);
  const kinds = new Map();
  const weights = { html: 0, js: 0, css: 0, first: 0 };
  await session.send('Network.enable');
  await session.send('Network.setCacheDisabled', { cacheDisabled: true });
  session.on('Network.responseReceived', ({ requestId, type }) => kinds.set(requestId, type));
  session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    const kind = { Document: 'html', Script: 'js', Stylesheet: 'css' }[kinds.get(requestId)];
    if (kind)
      weights[kind] += encodedDataLength;
    weights.first += encodedDataLength;
  });
  const response = await page.goto(url, { waitUntil: 'load' });
  await page.evaluate(() => document.fonts.ready);
  const body = await response.body();
  // A server that does not pack pages leaves it to the proxy before it.
  if (!response.headers()['content-encoding']) {
    weights.first -= weights.html;
    weights.html = gzipSync(body).length;
    weights.first += weights.html;
  }
  await session.send('Network.setCacheDisabled', { cacheDisabled: false });
  await session.detach();
  return weights;
}

// Milliseconds from the request to the answer's end on a kept connection, with the page's cookies:
// the least of many goes, since others work on the same machine; of more while it is over the
// budget.
export async function renderMs(page, url) {
  const cookies = await page.context().cookies(url);
  const headers = { Cookie: cookies.map(({ name, value }) => `${name}=${value}`).join('; ') };
  let least = Infinity;
  for (let go = 0; go < 40 || (go < 400 && least > budgets.renderMs); go++) {
    const started = performance.now();
    await (await fetch(url, { headers })).arrayBuffer();
    least = Math.min(least, performance.now() - started);
  }
  return least;
}

export function checkBudgets(name, weights) {
  for (const [kind, most] of Object.entries(budgets)) {
    if (weights[kind] !== undefined)
      assert.ok(weights[kind] <= most, `${name}: ${kind} takes ${weights[kind]}, the budget is ${most}`);
  }
}
