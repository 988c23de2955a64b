import { plainReconcile } from './plain-reconcile.ts';
import { nothingHasChanged } from './unchanged.ts';

// Runs before anything else is loaded: the thread pool must have its size before the first asynchronous call.
process.env['UV_THREADPOOL_SIZE'] ??= '64';
const plain = plainReconcile(process.argv.slice(2));
// Most runs from cron find that nothing has changed; they load nothing else at all.
if (!plain || !nothingHasChanged(plain)) {
  require('./compile-cache.cjs').install(__dirname);
  if (plain) require('./plain.cjs').reconcilePlainly(plain, __filename);
  else require('./main.cjs').main(process.argv);
}
