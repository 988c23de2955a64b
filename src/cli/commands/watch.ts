import type { Command } from 'commander';
import { type CommonOptions, optionsOf, withExamples, withWorkspace } from '../options.ts';
import { DEFAULT_RESCAN_MS, parseRescan, watchAndPrint } from '../watching.ts';

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
  return command.action((_options, self: Command) => {
    const { rescan = DEFAULT_RESCAN_MS, ...options } = optionsOf<CommonOptions & { rescan?: number }>(self);
    return watchAndPrint({ ...options, rescan_ms: rescan });
  });
}
