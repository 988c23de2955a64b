import type { PassSchedule } from '../../../model/catalog.ts';
import { rgovArgv, type Site } from '../site.ts';
import { calendarsOf } from './calendar.ts';
import { hardeningOf } from './hardening.ts';
import type { Manager } from './manager.ts';
import { unitText, unitValue, unitWord } from './words.ts';

/** A hung pass must not keep the timer from starting another one for ever; a long one must not be cut off. */
const PASS_LIMIT_S = 3600;
/** More than a sender is given to come to its end. */
const STOP_EXTRA_S = 30;

/** A service that makes one pass. */
export function passService(site: Site, manager: Manager): { text: string; warnings: string[] } {
  return service(site, manager, `One pass of rgov, ${words(site)}`, [
    'Type=oneshot',
    `ExecStart=${[...rgovArgv(site), 'reconcile', '--quiet'].map(unitWord).join(' ')}`,
    '# Exit code 1: the pass is complete, and something needs a human. That is what rgov status is for.',
    'SuccessExitStatus=1',
    `TimeoutStartSec=${PASS_LIMIT_S}`,
  ]);
}

/** A service that stays. */
export function watchService(site: Site, manager: Manager): { text: string; warnings: string[] } {
  const longest_ms = Math.max(0, ...Object.values(site.catalog.senders).map(({ timeLimit_ms }) => timeLimit_ms));
  const { text, warnings } = service(
    site,
    manager,
    `rgov watch, ${words(site)}`,
    [
      'Type=exec',
      `ExecStart=${[...rgovArgv(site), 'watch'].map(unitWord).join(' ')}`,
      'ExecReload=/bin/kill -HUP $MAINPID',
      'Restart=on-failure',
      'RestartSec=10',
      '# What is being sent comes to its end before it stops.',
      'KillMode=mixed',
      `TimeoutStopSec=${Math.ceil(longest_ms / 1000) + STOP_EXTRA_S}`,
    ],
    '# However often it fails, it is tried again.\nStartLimitIntervalSec=0\n',
  );
  return { text: `${text}\n[Install]\nWantedBy=${manager.wantedBy}\n`, warnings };
}

function service(site: Site, { scope, runsAs }: Manager, description: string, lines: string[], unit = ''): { text: string; warnings: string[] } {
  const { lines: hardened, warnings } = hardeningOf(site, scope, scope === 'system' && (runsAs ?? 'root') === 'root');
  const file = site.catalog.activation.systemd?.environmentFile;
  const network = scope === 'system' ? 'Wants=network-online.target\nAfter=network-online.target\n' : '';
  const home = scope === 'user' || runsAs === null ? [`Environment=${unitValue(`HOME=${site.user.home}`)}`] : [];
  const body = [
    ...lines,
    ...(runsAs === null ? [] : [`User=${runsAs}`]),
    `Environment=${unitValue(`PATH=${site.path}`)}`,
    ...home,
    ...(file === undefined ? [] : [`EnvironmentFile=${unitText(file)}`]),
    ...hardened,
  ];
  return { text: `[Unit]\nDescription=${unitText(description)}\n${network}${unit}\n[Service]\n${body.join('\n')}\n`, warnings };
}

/** When the service of the same name is started. Throws `usage` for what a timer cannot say. */
export function timer(site: Site, schedule: PassSchedule): string {
  const lines =
    schedule.kind === 'every'
      ? // The first one at once; each other so long after the one before it began.
        ['OnActiveSec=0', `OnUnitActiveSec=${schedule.every_ms / 1000}`]
      : [
          ...calendarsOf(schedule.cron, schedule.timezone).map((calendar) => `OnCalendar=${calendar}`),
          '# A time at which the machine was off is made up for, once.',
          'Persistent=true',
        ];
  return `[Unit]
Description=${unitText(`Passes of rgov, ${words(site)}`)}

[Timer]
${lines.join('\n')}
AccuracySec=1s

[Install]
WantedBy=timers.target
`;
}

const words = ({ catalog, root }: Site): string => `binding ${catalog.binding} of ${root}`;
