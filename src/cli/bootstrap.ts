import { MANY_THREADS } from '../run/thread-pool.ts';
import { plainGate } from './plain-gate.ts';
import { plainReconcile } from './plain-reconcile.ts';
import { nothingHasChanged } from './unchanged.ts';

const args = process.argv.slice(2);
const plain = plainReconcile(args);
// Most runs from cron find that nothing has changed; they load nothing else at all.
if (!plain || !nothingHasChanged(plain)) {
  require('./compile-cache.cjs').install(__dirname);
  const gate = plain ? null : plainGate(args);
  // Before the first asynchronous call. A single pass finds out for itself how many threads it has work for.
  if (!plain && !gate) process.env['UV_THREADPOOL_SIZE'] ??= MANY_THREADS;
  if (plain) require('./plain.cjs').reconcilePlainly(plain, __filename);
  else if (gate) require('./gate.cjs').gatePlainly(gate);
  else require('./main.cjs').main(process.argv);
}
