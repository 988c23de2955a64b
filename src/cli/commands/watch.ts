import { type Command, InvalidArgumentError } from 'commander';
import { parseDurationMs } from '../../model/time.ts';
import type { Fact } from '../../run/watch.ts';
import { type CommonOptions, optionsOf, withExamples, withWorkspace } from '../options.ts';
import { painter } from '../terminal.ts';

const DEFAULT_RESCAN_MS = 60_000;
const LEAST_RESCAN_MS = 1_000;
/** Lines that nobody takes are kept up to here; then they are left out and counted. What they say stands in `state/`. */
const MAX_WAITING_BYTES = 1024 * 1024;
/** How long a slow reader may take for the last lines. */
const FLUSH_LIMIT_MS = 1_000;

export function register(program: Command): Command {
  const command = program
    .command('watch')
    .option('--rescan <duration>', 'look at everything at least this often (default: 1m)', parseRescan)
    .option('--json', 'print each fact as one line of JSON')
    .summary('reconcile at once and then whenever there is a reason to, until stopped')
    .description(
      'Makes a pass at once, then sleeps until woken: by any rgov that records something, by a file that is moved into state/inbox/ (a CloudEvent as JSON; write it elsewhere on the same file system and rename it), by a change of the declared documents, when the next step is due, and by the rescan.',
    )
    .addHelpText(
      'after',
      `
One line for each fact, with its time: started, raised, quarantined, failure, receipt, pass, reloaded,
documents_invalid, pass_failed, heartbeat, watching_limited, output_lost, stopped. A pass that has nothing to do says nothing.
Invalid documents are reported, and those that were in force stay in force; at the start they are exit code 2.

SIGTERM and SIGINT finish the pass in hand and exit 0: what is being sent comes to its end within the time limit of
its sender, and what has not begun is left to the next run. A second one exits at once. SIGHUP reads the documents
again and makes a pass. Any number of watch and reconcile may run on the same state at once.

In a systemd unit:
  ExecStart=/usr/bin/rgov watch -C /srv/reporting --json
  ExecReload=/bin/kill -HUP $MAINPID
  Restart=on-failure`,
    );
  withExamples(
    withWorkspace(command),
    'rgov watch -C /srv/reporting',
    `journalctl -u rgov -o cat -f | jq -r 'select(.fact == "receipt") | .status + " " + .notice'    # of rgov watch --json`,
  );
  return command.action(async (_options, self: Command) => {
    (await import('../../run/watch/memory.ts')).stayYoung();
    const { json, rescan = DEFAULT_RESCAN_MS, ...where } = optionsOf<CommonOptions & { rescan?: number }>(self);
    const [{ watch }, { factJson, factText }] = await Promise.all([import('../../run/watch.ts'), import('../views/fact.ts')]);
    const paint = painter(process.stdout);
    const lines = new Lines((fact) => (json ? factJson(fact, Date.now()) : factText(fact, Date.now(), paint)));
    await watch({ ...where, rescan_ms: rescan, tell: (fact) => lines.add(fact) });
    await lines.flushed();
    // Output that could not be written, or that nobody reads, does not make a watch fail that was asked to end.
    process.exit(0);
  });
}

function parseRescan(text: string): number {
  const ms = parseDurationMs(text);
  if (ms === null || ms < LEAST_RESCAN_MS) throw new InvalidArgumentError('expected a duration of at least 1s, such as 90s or 5m.');
  return ms;
}

/** Standard output of a process that must neither die of its reader nor wait for it. */
class Lines {
  readonly #lineOf: (fact: Fact) => string;
  #lost = 0;

  constructor(lineOf: (fact: Fact) => string) {
    this.#lineOf = lineOf;
  }

  add(fact: Fact): void {
    if (process.stdout.writableLength > MAX_WAITING_BYTES) {
      this.#lost++;
      return;
    }
    if (this.#lost > 0) process.stdout.write(`${this.#lineOf({ fact: 'output_lost', lines: this.#lost })}\n`);
    this.#lost = 0;
    process.stdout.write(`${this.#lineOf(fact)}\n`);
  }

  /** Everything is out, or has had its time. */
  flushed(): Promise<void> {
    return new Promise((resolve) => {
      setTimeout(resolve, FLUSH_LIMIT_MS).unref();
      process.stdout.write('', () => resolve());
    });
  }
}
