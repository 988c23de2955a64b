import { quoted } from '../foreign.ts';
import type { Properties } from './blocks.ts';

/** What became of one invocation of a unit. `nothing`: nothing that a person must hear of, such as a timer that waits. */
export type State =
  | { kind: 'started' }
  | { kind: 'succeeded' }
  | { kind: 'failed'; type: 'run.failed' | 'run.timed_out'; result: string; summary: string }
  | { kind: 'nothing' }
  | { kind: 'unreadable'; reason: string };

/** org.freedesktop.systemd1(5), "Unit ACTIVE states"; `refreshing` is newer. */
const BETWEEN = ['deactivating', 'maintenance'];
const ACTIVE = ['active', 'reloading', 'refreshing'];

/** systemd.exec(5), table "Defined $SERVICE_RESULT values". */
const WORDS: Record<string, string> = {
  'exit-code': 'it ended with an exit code that stands for failure',
  signal: 'a signal killed it',
  'core-dump': 'a signal killed it, and it dumped core',
  timeout: 'it ran into a time limit of systemd',
  watchdog: 'it did not send its watchdog pings in time',
  protocol: 'it did not do what its Type= requires',
  resources: 'systemd could not do what was needed to run it',
  'oom-kill': 'memory ran out, and it was killed',
  'start-limit-hit': 'it was started too often, and is not started again',
};

const RESULT = /^[a-z][a-z-]{0,39}$/;
const NOTHING: State = { kind: 'nothing' };
const unreadable = (reason: string): State => ({ kind: 'unreadable', reason });

export function stateOf(unit: string, properties: Properties): State {
  const { ActiveState: active, SubState: sub, Result: result, LoadState: load } = properties;
  if (active === 'failed') return failed(result, properties);
  if (active === undefined) return unreadable('ActiveState= is missing');
  const isService = unit.endsWith('.service');
  if (active === 'inactive') {
    // A unit that was mistyped is inactive, too, with Result=success.
    if (load !== undefined && load !== 'loaded')
      return unreadable(`it is inactive and not loaded (LoadState=${quoted(load)}): there may be no such unit`);
    return isService ? ended(properties) : NOTHING;
  }
  if (BETWEEN.includes(active)) return NOTHING;
  if (active !== 'activating' && !ACTIVE.includes(active)) return unreadable(`unknown ActiveState ${quoted(active)}`);
  // Only services run; a socket, a mount or a timer that is active is just there.
  if (!isService) return NOTHING;
  if (sub === undefined) return unreadable(`SubState= is missing, without which ActiveState=${active} may mean that it runs or that it has ended`);
  if (active === 'activating' && sub.startsWith('auto-restart')) return ended(properties);
  if (active === 'active' && sub === 'exited') return ended(properties);
  return { kind: 'started' };
}

/** No run is under way. `Result=success` is also what a unit says that never ran, and one whose failure was forgotten (`systemctl reset-failed`). */
function ended(properties: Properties): State {
  const { Result: result, InvocationID: invocation = '', ExecMainCode: code, ExecMainStatus: status, LoadState: load } = properties;
  if (result === 'exec-condition') return NOTHING;
  if (result !== undefined && result !== 'success') return failed(result, properties);
  if (invocation === '') return load === 'loaded' ? NOTHING : unreadable('it has not run, if it exists at all: LoadState= would say so');
  if (result === undefined) return unreadable('Result= is missing');
  if (code === undefined || status === undefined)
    return unreadable('ExecMainCode= and ExecMainStatus= are missing, without which Result=success is not enough');
  if (code === '1' && status === '0') return { kind: 'succeeded' };
  const end = code === '1' ? `with exit code ${quoted(status)}` : code === '0' ? 'and no main process is known' : `by signal ${quoted(status)}`;
  return unreadable(
    `Result=success, but it ended ${end}: stopped, counted as clean (SuccessExitStatus=), or its failure was reset; success is not proved by that`,
  );
}

function failed(result: string | undefined, properties: Properties): State {
  if (result === 'success') return unreadable('ActiveState=failed and Result=success contradict each other');
  if (result !== undefined && !RESULT.test(result)) return unreadable(`unknown Result ${quoted(result)}`);
  const words =
    result === undefined
      ? 'systemd calls it failed'
      : Object.hasOwn(WORDS, result)
        ? (WORDS[result] as string)
        : `systemd calls it failed: ${result}`;
  const how = howItEnded(properties);
  const summary = how === null ? words : `${words} (${how})`;
  return { kind: 'failed', type: result === 'timeout' ? 'run.timed_out' : 'run.failed', result: result ?? 'failed', summary };
}

/** How the main process ended, where that is what made the unit fail; numbers as in wait(2): 1 exited, 2 killed, 3 dumped core. */
export function howItEnded({ Result: result, ExecMainCode: code, ExecMainStatus: status }: Properties): string | null {
  if (status === undefined || !/^\d{1,3}$/.test(status) || result === 'start-limit-hit') return null;
  if (code === '1') return status === '0' ? null : `exit code ${Number(status)}`;
  return code === '2' || code === '3' ? `signal ${Number(status)}` : null;
}
