import { EXIT_CODES, RgovError } from '../model/errors.ts';

/** What becomes of output that nobody takes: a reader that has gone is no failure; a full disk behind the output is. */
export function watchOutput(): void {
  process.stdout.on('error', outputFailed);
  process.stderr.on('error', ignore);
}

function outputFailed(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') return;
  process.exitCode = EXIT_CODES.state_io;
  void import('./views/error.ts').then(({ printError }) =>
    printError(new RgovError('state_io', `standard output cannot be written: ${error.message}`, { cause: error }), false),
  );
}

function ignore(): void {}
