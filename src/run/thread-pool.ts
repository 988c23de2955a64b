/** So many threads sync files side by side where there is much to do (measured: more do not help). */
export const MANY_THREADS = '64';
const FEW_THREADS = '8';
const FEW_STEPS = 16;

/**
 * How many threads this process gets, unless that is settled already. They are all started at the first asynchronous call: for a
 * single notice, starting 64 of them takes as long as syncing its files.
 */
export function sizeThreadPool(steps: number): void {
  process.env['UV_THREADPOOL_SIZE'] ??= steps > FEW_STEPS ? MANY_THREADS : FEW_THREADS;
}
