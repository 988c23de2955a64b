import { constants } from 'node:os';

const STOPPING = ['SIGTERM', 'SIGINT'] as const;

/** The first signal asks to stop, the second one ends the process at once. Returns how to let go of all of them. */
export function onSignals({ stop, hangup }: { stop(signal: string): void; hangup(): void }): () => void {
  let asked = false;
  const stopping = (signal: NodeJS.Signals): void => {
    if (asked) process.exit(128 + constants.signals[signal]);
    asked = true;
    stop(signal);
  };
  for (const signal of STOPPING) process.on(signal, stopping);
  process.on('SIGHUP', hangup);
  return () => {
    for (const signal of STOPPING) process.off(signal, stopping);
    process.off('SIGHUP', hangup);
  };
}
