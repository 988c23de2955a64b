import { nothingHasChanged } from './unchanged.ts';

// Runs before anything else is loaded: the thread pool must have its size before the first asynchronous call.
process.env['UV_THREADPOOL_SIZE'] ??= '64';
const args = process.argv.slice(2);
// Most runs from cron find nothing to do; they need not load the command line for that, and if nothing has changed, nothing at all.
if (!nothingHasChanged(args)) {
  require('./compile-cache.cjs').install(__dirname);
  if (!require('./idle.cjs').reconcileIdly(args, __filename)) require('./main.cjs').main(process.argv);
}
