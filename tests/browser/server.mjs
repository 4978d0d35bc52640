// server.mjs: a program of ours that serves on any free port, for the time of a test.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve as resolvePath } from 'node:path';
import { createInterface } from 'node:readline';

const PATIENCE_MS = 60000;

// Starts it and waits for "… on http://ADDRESS"; {base, lines, stop}.
export async function start(program, args = [], { env = {}, cwd } = {}) {
  const child = spawn(resolvePath(program), args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  const lines = [];
  let errors = '';
  child.stderr.on('data', (data) => { errors = (errors + data).slice(-8000); });
  const ended = new Promise((resolve) => child.on('close', resolve));
  const base = await new Promise((resolve, reject) => {
    const timer = setTimeout(() => { child.kill('SIGKILL'); reject(new Error(`${program} does not say that it serves\n${errors}`)); }, PATIENCE_MS);
    createInterface({ input: child.stdout }).on('line', (line) => {
      lines.push(line);
      const match = /^[\w ]* on (http:\/\/[^\s,]+)/.exec(line);
      if (match) {
        clearTimeout(timer);
        resolve(match[1]);
      }
    });
    ended.then((code) => { clearTimeout(timer); reject(new Error(`${program} ended with ${code}\n${errors}`)); });
  });
  return {
    base,
    lines,
    child,
    errors: () => errors,
    stop: async () => {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
      const code = await ended;
      clearTimeout(timer);
      return code;
    },
  };
}

// Billow itself on a fresh database; {…, folder, key}.
export async function startBillow(billow, { args = [], env = {} } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'billow-browser-'));
  const key = 'browser-tests-key-0123456789abcdef';
  try {
    const server = await start(billow, ['serve', '--database', `sqlite:${join(folder, 'billow.db')}`, '--listen', '127.0.0.1:0', ...args],
      { cwd: folder, env: { BILLOW_API_KEY: key, ...env } });
    const stop = server.stop;
    return { ...server, folder, key, stop: async () => { await stop(); rmSync(folder, { recursive: true, force: true }); } };
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}
