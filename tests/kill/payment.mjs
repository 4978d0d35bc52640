#!/usr/bin/env node
// kill -9 of the server or the gateway at a random step of a payment.  Afterwards both are started
// again, and without anybody's help: exactly one charge at the gateway for each paid invoice, the
// invoice paid once, the books balanced (`billow verify`).
//
//   BILLOW=build/billow [SEED=N] node tests/kill/payment.mjs [--runs N]
//
// On SQLite; beside tests/with-postgres on PostgreSQL.  A step is a message between the server, the
// gateway and the customer, before it or its answer is handed on, or a place within the gateway.
import { Chance, cleanUp, ENGINE } from './world.mjs';
import { CARDS, PayWorld } from './payment_world.mjs';

const option = (name, preset) => { const at = process.argv.indexOf(name); return at < 0 ? preset : process.argv[at + 1]; };
const RUNS = Number(option('--runs', process.env.BILLOW_TEST_ALL === 'true' ? 500 : 50));
const SEED = Number(process.env.SEED || Math.floor(Date.now() / 1000) % 1e9);
const RUNS_OF_A_WORLD = 50;
const TRIES_MAX = 6;
const DAY_S = 86400;

const WITHIN = ['checkout:before', 'checkout:after', 'charge:before', 'charge:after', 'webhook:before', 'webhook:after'];
const BETWEEN = ['checkouts', 'pay', 'webhooks'];
const hits = new Map();
let kills = 0;

// Where it hits in this run; each plan is used up by its first hit.
function planOf(chance) {
  const kill = chance.one(3)
    ? { within: chance.pick(WITHIN) }
    : { at: chance.pick(BETWEEN), moment: chance.pick(['request', 'answer']), who: chance.pick(['server', 'gateway']), skip: chance.one(3) ? 1 : 0 };
  return {
    kill,
    cards: chance.pick([['good'], ['good'], ['approve'], ['silentPaid'], ['silentLost', 'good'], ['poor', 'good'], ['approveThenPoor', 'approve']]),
    twice: chance.one(4), // clicked twice
    returns: chance.one(2), // the customer comes back, and the server asks
    hooks: chance.pick([{}, {}, { copies: 2 }, { hold: true }, { before_redirect: true }]),
    wait: chance.one(4) ? chance.between(0, 20) : -1, // also killed so many ms after the form was sent
    who: chance.pick(['server', 'gateway']),
  };
}

class Run {
  constructor(world, plan, invoice, report) { Object.assign(this, { world, plan, invoice, report }); }

  hit(place) { kills++; hits.set(place, (hits.get(place) || 0) + 1); }

  async die(who, place) {
    const { world } = this;
    this.hit(place);
    if (who === 'server') await world.killServer(); else await world.killGateway();
  }

  watch() {
    const { kill } = this.plan;
    let skip = kill.skip || 0;
    let armed = kill.at !== undefined;
    const on = (where) => async (moment, req) => {
      if (!armed || moment !== kill.moment || !req.url.includes(where)) return;
      if (skip-- > 0) return;
      armed = false;
      await this.die(kill.who, `${kill.at} ${moment}, ${kill.who}`);
    };
    const { world } = this;
    world.toGateway.watch = kill.at === 'webhooks' ? null : on(kill.at === 'pay' ? '/pay/' : '/v1/checkouts');
    world.toServer.watch = kill.at === 'webhooks' ? on('/webhooks/') : null;
  }

  // Until it answers: what a customer, or a program, does who sees an error.
  async insist(work) {
    let last;
    for (let i = 0; i < TRIES_MAX; i++) {
      try { return await work(); } catch (error) { last = error; }
      const died = this.world.gateway.child.signalCode === 'SIGKILL';
      if (died && this.plan.kill.within) { this.hit(this.plan.kill.within); this.plan.kill.within = null; }
      await this.world.revive();
    }
    throw last;
  }

  // Where to pay, or null when it is paid.
  async checkout() {
    const { world, invoice } = this;
    return this.insist(async () => {
      const answer = await world.server.call('POST', `/invoices/${invoice.id}/payment_url`);
      if (answer.status === 200) return answer.json.invoice_payment_details;
      if (answer.status === 405 && answer.json.code === 'invoice_is_paid') return null;
      throw new Error(`payment_url: ${answer.status} ${JSON.stringify(answer.json)}`);
    });
  }

  async payBy(details, card) {
    const { world, plan } = this;
    const click = () => world.pay(details.payment_url, CARDS[card], { timeout: card.startsWith('silent') ? 150 : 5000 }).catch(() => {});
    const clicks = [click()];
    if (plan.twice) clicks.push(click());
    if (plan.wait >= 0) {
      await new Promise((resolve) => { setTimeout(resolve, plan.wait); });
      plan.wait = -1;
      if (world.gateway.child.signalCode === null && world.server.child.signalCode === null) await this.die(plan.who, `${plan.who}, any moment`);
    }
    await Promise.all(clicks); // whatever the browser shows
    if (plan.returns) await this.insist(() => world.server.call('POST', `/payments/${details.payment_id}/refresh`));
  }

  async go() {
    const { world, plan, invoice } = this;
    await world.control({ copies: 1, hold: false, before_redirect: false, ...plan.hooks, die_at: plan.kill.within || '' });
    this.watch();
    // The customer goes on until the page, or the server, says that it is paid.
    const cards = [...plan.cards];
    for (let i = 0; i < TRIES_MAX; i++) {
      const details = await this.checkout();
      if (details === null) break;
      await this.payBy(details, cards.length > 1 ? cards.shift() : cards[0]);
    }
    world.toGateway.watch = null;
    world.toServer.watch = null;
    await this.heal();
    await this.check();
  }

  // Nobody helps: the processes run again, and time passes.
  async heal() {
    const { world } = this;
    await this.insist(async () => {
      await world.control({ die_at: '', hold: false, copies: 1, before_redirect: false });
      await world.flush();
      await world.later(2 * DAY_S);
    });
  }

  async check() {
    const { world, invoice } = this;
    const now = (await world.server.must('GET', `/invoices/${invoice.id}`)).invoice;
    const { payments } = await world.server.must('GET', `/payments?invoice_id=${invoice.id}`);
    const charges = await world.charges(invoice.id);
    const made = payments.filter((one) => one.status === 'succeeded');
    const open = payments.filter((one) => !['succeeded', 'failed'].includes(one.status));
    if (charges.length !== 1) this.report(`${charges.length} charges at the gateway`);
    if (made.length !== 1) this.report(`${made.length} payments succeeded of ${payments.map((one) => one.status)}`);
    if (open.length !== 0) this.report(`a payment is still ${open[0].status}`);
    if (now.payment_status !== 'succeeded' || now.total_paid_amount_cents !== now.total_amount_cents)
      this.report(`the invoice is ${now.payment_status}, ${now.total_paid_amount_cents} of ${now.total_amount_cents} paid`);
    if (made.length === 1 && (made[0].unapplied_amount_cents !== 0 || made[0].receipt_number === null)) this.report(`the payment is ${JSON.stringify(made[0])}`);
  }
}

let passed = 0;
let failed = 0;

async function main() {
  const started = performance.now();
  const chance = new Chance(SEED);
  console.log(`${ENGINE}, ${RUNS} payments, SEED=${SEED}`);
  for (let done = 0; done < RUNS;) {
    const count = Math.min(RUNS_OF_A_WORLD, RUNS - done);
    const world = await PayWorld.open();
    const invoices = await world.makeInvoices(count);
    for (const invoice of invoices) {
      const plan = planOf(chance);
      const problems = [];
      const said = JSON.stringify(plan);
      try {
        await new Run(world, plan, { id: invoice.id }, (what) => problems.push(what)).go();
      } catch (error) {
        problems.push(error.stack);
        await world.revive();
      }
      if (problems.length === 0) { passed++; } else {
        failed++;
        console.log(`FAILED payment ${done + 1} (SEED=${SEED}, ${ENGINE}): ${said}`);
        for (const problem of problems) console.log(`    ${problem}`);
      }
      done++;
    }
    const { meta } = await world.server.must('GET', '/payment_exceptions?with_resolved=true');
    const total = (await world.charges()).length;
    if (meta.total_count !== 0) { failed++; console.log(`FAILED: ${meta.total_count} payment exceptions (SEED=${SEED})`); }
    if (total !== count && failed === 0) { failed++; console.log(`FAILED: ${total} charges for ${count} invoices (SEED=${SEED})`); }
    await world.server.stop();
    const wrong = await world.verify();
    if (wrong === '') passed++; else { failed++; console.log(`FAILED verify (SEED=${SEED}): ${wrong}`); }
    await world.startServer();
    await world.close();
  }
  console.log('where the kills hit:');
  for (const [place, count] of [...hits].sort()) console.log(`  ${String(count).padStart(4)} ${place}`);
  console.log(`${kills} kills in ${((performance.now() - started) / 1000).toFixed(1)} s`);
}

try {
  await main();
} catch (error) {
  failed++;
  console.log(`FAILED (SEED=${SEED}): ${error.stack}`);
} finally {
  cleanUp();
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
