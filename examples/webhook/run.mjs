// node examples/webhook/run.mjs [FOLDER]: plays the example in a copy of this workspace (a temporary one without FOLDER).
// Three pieces of work report; one notice is taken at once, one at the second attempt, one is refused for good.
import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startReceiver } from './receiver.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const program = join(here, '../../dist/rgov.cjs');
const workspace = process.argv[2] ? resolve(process.argv[2]) : mkdtempSync(join(tmpdir(), 'rgov-example-'));
if (workspace !== here)
  for (const folder of ['policy', 'profiles', 'bindings']) cpSync(join(here, folder), join(workspace, folder), { recursive: true });

const secret = `whsec_${Buffer.from('only-for-this-example-on-loopback').toString('base64')}`;
const receiver = await startReceiver(secret, { 'agent/main': [503], 'job/old-hook': [410] });
const env = { ...process.env, RGOV_EXAMPLE_URL: receiver.url, RGOV_EXAMPLE_SECRET: secret };

function rgov(...args) {
  console.log(`\n$ rgov ${args.map((arg) => (/[\s']/.test(arg) ? JSON.stringify(arg) : arg)).join(' ')}`);
  return new Promise((done) => {
    spawn(process.execPath, [program, '-C', workspace, ...args], { stdio: 'inherit', env }).on('close', done);
  });
}

try {
  await rgov('run', '--subject', 'job/nightly-export', '--', 'sh', '-c', 'echo "psycopg2.OperationalError: connection refused" >&2; exit 3');
  await rgov('report', 'blocked', '--subject', 'agent/main', '--summary', 'may I delete 3 branches?');
  await rgov('report', 'failed', '--subject', 'job/old-hook', '--summary', 'the receiver of this one is gone');
  await rgov('reconcile');
  await sleep(1_100);
  await rgov('reconcile');
  process.exitCode = (await rgov('status')) === 1 ? 0 : 1;
  console.log(`\nThe receiver has ${receiver.received.size}:`);
  for (const [id, { number, title }] of receiver.received) console.log(`  ticket-${number}  ${title}\n            webhook-id ${id}`);
  console.log(`\nThe audit trail: ${join(workspace, 'state')}`);
} finally {
  receiver.close();
}
