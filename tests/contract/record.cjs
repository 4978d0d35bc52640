// Writes down every HTTP exchange that a Node test has through fetch, for check.mjs to validate.
//
//   BILLOW_TEST_RECORD=FOLDER NODE_OPTIONS="--require $PWD/tests/contract/record.cjs" node TEST
//
// One line of JSON for each exchange in FOLDER/PID.ndjson; what is the same in all that can be
// validated is written once.  Tests need to know nothing of it.
const { appendFileSync } = require('node:fs');
const { join } = require('node:path');
const { createHash } = require('node:crypto');

const folder = process.env.BILLOW_TEST_RECORD;
const HAS_BODY = /^application\/([a-z.+-]+\+)?json\b/;
const seen = new Set();

// The text of what was sent; null where it is none of ours to read (a stream, compressed).
function sentText(options, headers) {
  if (options.body === undefined || headers.get('content-encoding')) return null;
  if (typeof options.body === 'string') return options.body;
  return options.body instanceof Uint8Array ? Buffer.from(options.body).toString('utf8') : null;
}

function write(exchange) {
  const line = JSON.stringify(exchange);
  const hash = createHash('sha1').update(line).digest('base64');
  if (seen.has(hash)) return;
  seen.add(hash);
  appendFileSync(join(folder, `${process.pid}.ndjson`), `${line}\n`);
}

if (folder) {
  const original = globalThis.fetch;
  globalThis.fetch = async (input, options = {}) => {
    const answer = await original(input, options);
    const url = new URL(input instanceof Request ? input.url : input);
    const type = answer.headers.get('content-type') || '';
    const headers = new Headers(options.headers ?? (input instanceof Request ? input.headers : undefined));
    write({
      test: process.argv[1],
      method: (options.method || (input instanceof Request && input.method) || 'GET').toUpperCase(),
      path: url.pathname,
      query: url.search,
      sentType: headers.get('content-type') || '',
      sent: sentText(options, headers),
      status: answer.status,
      type,
      body: HAS_BODY.test(type) ? await answer.clone().text() : null,
    });
    return answer;
  };
}
