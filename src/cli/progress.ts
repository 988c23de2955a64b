/** Shows a progress bar on a terminal while `work` runs; nothing at all elsewhere. */
export async function withProgress<T>(
  unit: string,
  work: (onProgress: ((done: number, total: number) => void) | undefined) => Promise<T>,
): Promise<T> {
  if (!process.stderr.isTTY) return work(undefined);
  let bar: import('cli-progress').SingleBar | undefined;
  const { SingleBar, Presets } = await import('cli-progress');
  try {
    return await work((done, total) => {
      if (!bar) {
        bar = new SingleBar(
          { format: `{bar} {value}/{total} ${unit}  {eta_formatted} left`, stream: process.stderr, clearOnComplete: true, hideCursor: true },
          Presets.shades_classic,
        );
        bar.start(total, 0);
      }
      bar.update(done);
    });
  } finally {
    bar?.stop();
  }
}
