#!/usr/bin/env node
// Runs before anything else is loaded: the thread pool must have its size before the first asynchronous call.
process.env.UV_THREADPOOL_SIZE ??= '64';
require('./compile-cache.cjs').install(__dirname);
// Most runs from cron find nothing to do; they need not load the command line for that.
if (!require('./idle.cjs').reconcileIdly(process.argv.slice(2))) require('./main.cjs').main(process.argv);
