import { MANY_THREADS } from '../run/thread-pool.ts';
import { plainReconcile } from './plain-reconcile.ts';
import { nothingHasChanged } from './unchanged.ts';

const plain = plainReconcile(process.argv.slice(2));
// Most runs from cron find that nothing has changed; they load nothing else at all.
if (!plain || !nothingHasChanged(plain)) {
  require('./compile-cache.cjs').install(__dirname);
  // Before the first asynchronous call. A single pass finds out for itself how many threads it has work for.
  if (!plain) process.env['UV_THREADPOOL_SIZE'] ??= MANY_THREADS;
  if (plain) require('./plain.cjs').reconcilePlainly(plain, __filename);
  else require('./main.cjs').main(process.argv);
}
