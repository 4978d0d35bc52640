// `billow ingest FILE` under kill -9, alone or beside a server to which clients send the same
// events.  What the checkpoint says is in the database is there, and goes on from there.
import { filePath, kill, rowsOf, run, sleep, start, verify } from './world.mjs';
import { IngestWorld } from './ingest.mjs';
import { writeFileSync } from 'node:fs';

const LINES = 7000; // more than a batch of it
const CLIENTS = 2;

export class FileWorld extends IngestWorld {
  constructor(template, chance, servers, report, number) {
    super(template, chance, servers, report);
    this.path = filePath(`events-${number}.ndjson`);
    this.lines = [];
    while (this.lines.length < LINES)
      this.lines.push(this.next > 0 && chance.one(20) ? this.ledger.get(`t${chance.between(1, this.next)}`) : this.newEvent());
    writeFileSync(this.path, this.lines.map((entry) => `${JSON.stringify(entry.event)}\n`).join(''));
  }

  // Ingest until it is done, killed `killsMax` times; calls back with where each kill hit.
  async untilDone(hit, killsMax, pace) {
    const { chance, database } = this;
    let durable = 0;
    for (let kills = 0; ;) {
      const work = { sent: 0, answered: 0, inFlight: 0, over: false, onSent() {}, onAnswer() {} };
      const clients = [];
      for (let i = 0; i < CLIENTS && this.servers.length > 0; i++) clients.push(this.client(this.servers[0], work));
      const { child, done } = start('ingest', this.path, '--json', '--database', database.url);
      if (kills < killsMax) {
        await sleep(chance.real() * pace.ms);
        await kill(child);
      }
      const { code, signal, output } = await done;
      work.over = true;
      await Promise.all(clients);
      if (signal === null) {
        if (kills < killsMax) pace.ms *= 0.75;
        if (code !== 0) this.wrong(`ended with ${code}: ${output}`);
        const result = JSON.parse(output.trim().split('\n').pop());
        if (result.passed_over !== durable) this.wrong(`went on after record ${result.passed_over}, the checkpoint says ${durable}`);
        if (result.durable_records !== LINES) this.wrong(`${result.durable_records} of ${LINES} records are durable`);
        durable = LINES;
        break;
      }
      kills++;
      const before = durable;
      ({ durable } = await this.compareFile());
      if (durable < before) this.wrong(`the checkpoint went back from ${before} to ${durable}`);
      if (durable === before) pace.ms *= 1.4; // killed too early: the machine is busier than it was
      hit(durable === LINES ? 'after the last commit' : durable === before ? 'nothing new' : 'between commits');
    }
    for (const { event } of this.lines) this.ledger.get(event.transaction_id).acknowledged = true;
    const { stored } = await this.compareFile();
    if (this.servers.length > 0) await this.sendAgain(stored);
    await this.compareTotals();
    const found = await verify(database);
    if (found !== '') this.wrong(`verify: ${found}`);
  }

  // The checkpoint's records are stored, and who brought them stands in the audit.
  async compareFile() {
    const { ingest_checkpoint: checkpoints, audit_entry: entries } = await rowsOf(this.database, 'ingest_checkpoint', 'audit_entry');
    const stored = await this.compare();
    const durable = checkpoints.length === 0 ? 0 : Number(checkpoints[0].record_count);
    for (const { event } of this.lines.slice(0, durable))
      if (!stored.has(event.transaction_id)) this.wrong(`${event.transaction_id} is behind the checkpoint and not stored`);
    const alone = this.servers.length === 0;
    if (alone && stored.size !== new Set(this.lines.slice(0, durable).map((entry) => entry.event.transaction_id)).size)
      this.wrong(`${stored.size} events are stored, the checkpoint says ${durable} records`);
    if ((durable > 0) !== entries.some((entry) => entry.action === 'event.ingest_file.begin'))
      this.wrong(`the audit does not say who brought ${durable} records`);
    return { durable, stored };
  }
}

// How long the file takes, to kill within it; learned on the way.
export async function filePaceOf(template, chance) {
  const world = new FileWorld(template, chance, 0, (what) => { throw new Error(what); }, 0);
  const at = performance.now();
  const { code, output } = await run('ingest', world.path, '--database', world.database.url);
  const ms = performance.now() - at;
  if (code !== 0) throw new Error(`billow ingest: ${code} ${output}`);
  await world.close();
  return { ms };
}
