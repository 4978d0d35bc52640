#!/usr/bin/env node
// kill -9 at random moments under ingest, billing and imports; what is proved, and how to read a
// failure: docs/proof.md.
//
//   BILLOW=build/billow [SEED=N] node tests/kill/kill.mjs [--kills N] [--only WORD]
//
// On SQLite; beside tests/with-postgres on PostgreSQL.  SEED repeats the choices, not the scheduler.
import { BillingWorlds, billUnderCuts, billUntilDone, importUntilDone, serveUntilDone } from './billing.mjs';
import { ingestTemplate, IngestWorld } from './ingest.mjs';
import { FileWorld, filePaceOf } from './file.mjs';
import { WritesWorld } from './writes.mjs';
import { Chance, cleanUp, databaseDrop, ENGINE, filePath } from './world.mjs';

const option = (name, preset) => { const at = process.argv.indexOf(name); return at < 0 ? preset : process.argv[at + 1]; };
const ALL = process.env.BILLOW_TEST_ALL === 'true';
const KILLS = Number(option('--kills', ALL ? 500 : 12));
const ONLY = option('--only', '');
const SEED = Number(process.env.SEED || Math.floor(Date.now() / 1000) % 1e9);
const ROUNDS_OF_A_WORLD = 12; // rounds that one database sees
const KILLS_OF_A_RUN = 3;

let passed = 0;
let failed = 0;
let kills = 0;
const hits = new Map();

function reporter(name) {
  const problems = [];
  return {
    report: (what) => problems.push(what),
    end: () => {
      if (problems.length === 0) { passed++; return; }
      failed++;
      console.log(`FAILED ${name} (SEED=${SEED}, ${ENGINE})`);
      for (const problem of problems.slice(0, 10)) console.log(`    ${problem}`);
    },
  };
}

function note(work, place) {
  kills++;
  const key = `${work}: ${place}`;
  hits.set(key, (hits.get(key) || 0) + 1);
}

async function writes(template, chance, count) {
  for (let done = 0; done < count;) {
    let problems = { report() {} };
    const world = new WritesWorld(template, chance, (what) => problems.report(what));
    await world.open();
    for (let i = 0; i < ROUNDS_OF_A_WORLD && done < count; i++, done++) {
      problems = reporter(`writes, kill ${done + 1}`);
      note('writes', await world.round());
      problems.end();
    }
    await world.close();
  }
}

let files = 0;

async function file(template, pace, servers, chance, report, hit, killsMax) {
  const world = new FileWorld(template, chance, servers, report, ++files);
  await world.open();
  await world.untilDone(hit, killsMax, pace);
  await world.close();
}

async function ingest(template, chance, count, servers) {
  const work = servers === 1 ? 'ingest' : 'ingest, two servers';
  for (let done = 0; done < count;) {
    let problems = { report() {} };
    const world = new IngestWorld(template, chance, servers, (what) => problems.report(what));
    await world.open();
    for (let i = 0; i < ROUNDS_OF_A_WORLD && done < count; i++, done++) {
      problems = reporter(`${work}, kill ${done + 1}`);
      note(work, await world.round());
      problems.end();
    }
    await world.close();
  }
}

async function untilDone(work, count, once) {
  let done = 0;
  while (done < count) {
    const problems = reporter(`${work}, after kill ${done}`);
    const most = Math.min(KILLS_OF_A_RUN, count - done);
    let hit = 0;
    await once(problems.report, (place) => { note(work, place); hit++; }, most);
    problems.end();
    done += Math.max(hit, 1);
  }
}

async function cuts(template, worlds, chance, count) {
  let cut = 0;
  const problems = reporter('connections cut');
  const world = new IngestWorld(template, chance, 1, problems.report);
  await world.open();
  for (let i = 0; i < count; i++) cut += await world.roundOfCuts();
  await world.close();
  for (let i = 0; i < count / 2; i++) cut += await billUnderCuts(worlds, chance, problems.report);
  problems.end();
  console.log(`${cut} connections cut`);
}

async function main() {
  const started = performance.now();
  const share = (part) => Math.max(1, Math.round(KILLS * part));
  const wants = (name) => ONLY === '' || name === ONLY;
  const lanes = [];
  const lane = (number, work) => lanes.push(work(new Chance(SEED * 31 + number)));
  console.log(`${ENGINE}, ${KILLS} kills, SEED=${SEED}`);
  const [template, worlds] = await Promise.all([ingestTemplate(), BillingWorlds.make(filePath('costs.csv'))]);
  console.log(`undisturbed: bill ${Math.round(worlds.billMs)} ms, import ${Math.round(worlds.importMs)} ms`);
  lane(1, async (chance) => {
    if (wants('ingest')) await ingest(template, chance, share(0.24), 1);
    if (wants('servers')) await ingest(template, chance, share(0.12), 2);
    if (wants('writes')) await writes(worlds.billed, chance, share(0.12));
    if (!wants('file')) return;
    const pace = await filePaceOf(template, chance);
    await untilDone('file', share(0.06), (...rest) => file(template, pace, 0, chance, ...rest));
    const beside = { ...pace };
    await untilDone('file beside a server', share(0.06), (...rest) => file(template, beside, 1, chance, ...rest));
  });
  lane(2, async (chance) => {
    if (wants('bill')) await untilDone('bill', share(0.15), (...rest) => billUntilDone(worlds, 'bill', chance, ...rest));
    if (wants('two')) await untilDone('two bills', share(0.1), (...rest) => billUntilDone(worlds, 'two', chance, ...rest));
    if (wants('serve')) await untilDone('serve', share(0.08), (...rest) => serveUntilDone(worlds, chance, ...rest));
    if (wants('import')) await untilDone('import', share(0.07), (...rest) => importUntilDone(worlds, chance, ...rest));
  });
  await Promise.all(lanes);
  if (ENGINE === 'PostgreSQL' && wants('cuts')) await cuts(template, worlds, new Chance(SEED * 31 + 3), ALL ? 30 : 3);
  databaseDrop(template);
  worlds.drop();
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
