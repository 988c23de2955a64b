// The main job on the repository's own workspace: real input in, honest receipts out. Needs no network, server or secret.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const CAPTURE = 'test/fixtures/openclaw/tasks-list-after.json';

/** Runs one command as a user would, showing it first; stops if it fails in a way that it should not. */
function step(shown, args, expectedExit) {
  console.log(`\n$ rgov ${shown}`);
  const { status, error } = spawnSync(process.execPath, [join(root, 'dist/rgov.cjs'), ...args], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (error) throw error;
  if (!expectedExit.includes(status)) {
    console.error(`\nrgov ${args[0]} ended with exit code ${status}, expected ${expectedExit.join(' or ')}`);
    process.exit(1);
  }
}

console.log(`What the runtime says: ${CAPTURE} is real output of "openclaw tasks list --json".`);
step(`ingest openclaw ${CAPTURE}`, ['ingest', 'openclaw', CAPTURE], [0]);
step(
  "run --subject job/nightly-backup -- sh -c 'echo no space left on device >&2; exit 3'",
  ['run', '--subject', 'job/nightly-backup', '--', 'sh', '-c', 'echo no space left on device >&2; exit 3'],
  [3],
);
step('reconcile', ['reconcile'], [0]);
// Exit code 1: something needs a human, which is the truth here.
step('status', ['status'], [0, 1]);
console.log('\nThe messages lie in notices/, the audit trail in state/. Say that you have read one: rgov ack ID --by YOUR-NAME');
