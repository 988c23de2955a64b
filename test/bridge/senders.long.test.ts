import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PROGRAM } from '../support/cli.ts';
import { artifactsOf, drop, eventually, failedEvent, type HoldingReceiver, holdingReceiver } from '../support/watching.ts';
import { slowReceiver } from './receiver.ts';
import { Running, rgovIn } from './running.ts';
import { BridgeWorkspace, webhookTo } from './workspace.ts';

let workspace: BridgeWorkspace;
let receiver: HoldingReceiver;
const running: Running[] = [];

beforeEach(async () => {
  workspace = new BridgeWorkspace();
  receiver = await holdingReceiver();
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.stop('SIGKILL')));
  receiver.close();
  workspace.remove();
});

const rgov = (...args: string[]) => rgovIn(workspace.root, args);
const dropFailures = (count: number, prefix = ''): void => {
  for (let i = 0; i < count; i++) drop(workspace.root, `${prefix}${i}.json`, failedEvent(`${prefix}${i}`));
};
const files = (stage: string, end = '.json'): string[] => artifactsOf(workspace.state, stage).filter((path) => path.endsWith(end));

function start(...args: string[]): Running {
  const one = new Running([process.execPath, PROGRAM, ...args, '-C', workspace.root, '--json']);
  running.push(one);
  return one;
}

describe('a bridge of its own', () => {
  beforeEach(() => {
    workspace.bind({ hook: { ...webhookTo(receiver.origin), bridge: 'process', concurrency: 2 } });
  });

  it('is what a pass leaves its attempts to', async () => {
    receiver.release();
    dropFailures(3);
    expect(await rgov('reconcile')).toMatchObject({ code: 0 });
    expect(files('handoffs', '.1.json')).toHaveLength(3);
    expect(files('receipts')).toEqual([]);
    expect(receiver.ids).toEqual([]);
    const { code, stdout } = await rgov('bridge', '--sender', 'hook', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ attempts: 3, receipts: [{ status: 'acked' }, { status: 'acked' }, { status: 'acked' }] });
    expect(files('handoffs', '.1.claimed.json')).toHaveLength(3);
    expect(files('receipts', '.1.acked.json')).toHaveLength(3);
    expect(new Set(receiver.ids).size).toBe(3);
    expect(await rgov('bridge', '--sender', 'hook')).toMatchObject({ code: 0 });
    expect(receiver.ids).toHaveLength(3);
  });

  it('sends nothing under the posture observe', async () => {
    receiver.release();
    dropFailures(1);
    await rgov('reconcile');
    workspace.posture('observe');
    expect(await rgov('bridge', '--sender', 'hook')).toMatchObject({ code: 0 });
    expect(receiver.ids).toEqual([]);
    expect(files('handoffs')).toHaveLength(1);
    workspace.posture('notify');
    await rgov('bridge', '--sender', 'hook');
    expect(receiver.ids).toHaveLength(1);
  });

  it('that is asked to stop finishes what is under way', async () => {
    const bridge = await start('bridge', '--sender', 'hook', '--watch').up();
    dropFailures(5);
    await rgov('reconcile');
    await eventually('two requests', () => receiver.ids.length === 2);
    bridge.child.kill('SIGTERM');
    // It is heard, and nothing is answered yet: a bridge that did not wait would be gone long before.
    await expect(Promise.race([bridge.ended, new Promise((resolve) => setTimeout(resolve, 1_500, 'still there'))])).resolves.toBe('still there');
    receiver.release();
    expect(await bridge.ended).toBe(0);
    expect(bridge.facts.at(-1)).toMatchObject({ fact: 'stopped', signal: 'SIGTERM' });
    // As many as it may have begun before it heard the signal; what it left is left to the next one.
    expect(files('receipts', '.1.acked.json')).toHaveLength(receiver.ids.length);
    expect(await rgov('bridge', '--sender', 'hook')).toMatchObject({ code: 0 });
    expect(new Set(receiver.ids).size).toBe(5);
    expect(files('receipts', '.1.acked.json')).toHaveLength(5);
    expect(receiver.ids).toHaveLength(5);
  });

  it('is asked for by the name of a sender that there is, and that needs one', async () => {
    workspace.bind({ hook: { ...webhookTo(receiver.origin), bridge: 'process' }, direct: webhookTo(receiver.origin) });
    const unknown = await rgov('bridge', '--sender', 'hok');
    expect(unknown.code).toBe(3);
    expect(unknown.stderr).toContain('there is no sender "hok" in the binding default');
    expect(unknown.stderr).toContain('did you mean: rgov bridge --sender hook');
    const inline = await rgov('bridge', '--sender', 'direct');
    expect(inline.code).toBe(2);
    expect(inline.stderr).toContain('the sender direct needs no bridge');
    expect(inline.stderr).toContain('write "bridge: process" below spec.senders.direct');
    expect(await rgov('bridge', '--sender', 'hok', '--watch')).toMatchObject({ code: 3 });
    expect(await rgov('bridge', '--sender', 'direct', '--watch')).toMatchObject({ code: 2 });
    expect(await rgov('bridge')).toMatchObject({ code: 2 });
  });
});

describe('a slow sender', () => {
  const NOTICES = 20;
  let fast: HoldingReceiver;

  beforeEach(async () => {
    fast = await holdingReceiver();
    fast.release();
    const senders = { slow: { ...webhookTo(receiver.origin), timeLimit: '5m', concurrency: 2 }, fast: { ...webhookTo(fast.origin), concurrency: 2 } };
    workspace.bind(senders, { operator: { sender: 'slow' }, oncall: { sender: 'fast' } });
    workspace.rules([
      { id: 'slow-one', when: 'event.type == "run.failed"', target: 'operator', within: '1d' },
      { id: 'fast-one', when: 'event.type == "run.failed"', target: 'oncall', within: '1d' },
    ]);
  });
  afterEach(() => fast.close());

  const fastReceipts = (): string[] => files('receipts', '.acked.json').filter((path) => path.includes('fast-one'));

  it.each([['reconcile'], ['watch']])('does not hold up a fast one in %s', async (command) => {
    dropFailures(NOTICES);
    start(command);
    await eventually('receipts of the fast sender', () => fastReceipts().length === NOTICES);
    expect(files('receipts')).toHaveLength(NOTICES);
    expect(receiver.ids.length, 'requests that are not answered').toBeLessThanOrEqual(2);
    if (command === 'watch') {
      dropFailures(NOTICES, 'later-');
      await eventually('receipts of what came later', () => fastReceipts().length === 2 * NOTICES);
      expect(files('receipts')).toHaveLength(2 * NOTICES);
    }
    receiver.release();
    await eventually('receipts of the slow sender', () => files('receipts', '.acked.json').length === (command === 'watch' ? 4 : 2) * NOTICES);
  });
});

it('two bridges at once make no attempt twice and keep to the rate of their sender', async () => {
  const [count, per_ms, notices] = [20, 1_000, 60];
  const quick = await slowReceiver(() => 1);
  try {
    workspace.bind({ hook: { ...webhookTo(quick.origin), bridge: 'process', concurrency: 4, rate: '20/1s' } });
    dropFailures(notices);
    await rgov('reconcile');
    const began_ms = Date.now();
    start('bridge', '--sender', 'hook', '--watch');
    start('bridge', '--sender', 'hook', '--watch');
    await eventually('all receipts', () => files('receipts', '.1.acked.json').length === notices, 60_000);
    expect(new Set(quick.log.map(({ key }) => key)).size).toBe(notices);
    expect(quick.log).toHaveLength(notices);
    // The first twenty may come at any time, the next twenty a second after that at the earliest, and so on.
    const tooEarly = quick.log.filter(({ at_ms }, i) => at_ms < began_ms + Math.floor(i / count) * per_ms);
    expect(tooEarly).toEqual([]);
  } finally {
    quick.close();
  }
}, 120_000);
