import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { eventually, sleep } from '../../support/watching.ts';
import { anotherBoot } from './elsewhere.ts';
import { ProcessTable } from './process-table.ts';
import { inScene, type Scene, type Wrong } from './scene.ts';
import { steadyClockAhead, wallClockAhead } from './steady-clock.ts';

/** What has to hold of the owners of attempts. Each returns what does not, in words. */
export type Scenario = (program: string) => Promise<Wrong>;

/** Longer than any lease of these scenes: the sender's time limit and half a minute. */
const LEASE_IS_OVER_S = 3_600;
const BEAT_PATIENCE_MS = 20_000;

const here = (command: readonly string[]): string[] => [...command];

/** A machine is restarted in the middle of a send. What it left behind still has a number and a start time in the process table. */
export const reboot =
  (idempotent: boolean): Scenario =>
  (program) =>
    inScene({ program, idempotent }, async (scene) => {
      const wrong: Wrong = [];
      const [before, after] = [anotherBoot(), anotherBoot()];
      const first = await scene.begin((command) => scene.elsewhere.as({ boot: before }, command));
      first.child.kill('SIGSTOP');
      scene.receiver.answerFromNowOn();
      await scene.reconcile((command) => scene.elsewhere.as({ boot: before }, command));
      if (scene.isTakenOver) wrong.push('an attempt of a living process of the same boot was taken over');
      const isTakenOver = await scene.reconcileUntil(
        (command) => scene.elsewhere.as({ boot: after }, command),
        () => scene.truth !== null,
      );
      if (!isTakenOver) wrong.push('an attempt of another boot was taken over by nobody');
      return [...wrong, ...judged(scene, idempotent), ...(await wokenUp(scene, first.child))];
    });

/** A process dies in the middle of a send, and another program gets its number. */
export const pidReuse: Scenario = (program) =>
  inScene({ program, idempotent: true }, async (scene) => {
    const table = await ProcessTable.open();
    try {
      await scene.begin((command) => table.inside(command));
      const pid = scene.handoffs[0]?.owner?.pid ?? 0;
      await table.kill(pid);
      await table.takeNumber(pid);
      scene.receiver.answerFromNowOn();
      const isTakenOver = await scene.reconcileUntil(
        (command) => table.inside(command),
        () => scene.truth !== null,
      );
      return [...(isTakenOver ? [] : ['an attempt whose process number was given away was taken over by nobody']), ...judged(scene, true)];
    } finally {
      table.close();
    }
  });

/** An owner that is stopped in the middle of a send on the same machine lives: it is waited for, however long it takes. */
export const stoppedHere: Scenario = (program) =>
  inScene({ program, idempotent: true }, async (scene) => {
    const first = await scene.begin(here);
    first.child.kill('SIGSTOP');
    scene.receiver.answerFromNowOn();
    for (const ahead_s of [0, LEASE_IS_OVER_S]) await scene.reconcile(here, steadyClockAhead(ahead_s));
    const wrong = scene.isTakenOver ? ['an attempt of a stopped process was taken over'] : [];
    first.child.kill('SIGCONT');
    scene.receiver.release();
    await eventually('its outcome', () => scene.truth !== null).catch(() => wrong.push('the outcome of a process that was stopped is lost'));
    return [...wrong, ...scene.audit()];
  });

/** Another machine shares the state; it cannot look at the process, only at its heartbeat. */
export const otherMachine: Scenario = (program) =>
  inScene({ program, idempotent: true }, async (scene) => {
    const first = await scene.begin((command) => scene.elsewhere.as({ machine: 'a', boot: anotherBoot() }, command));
    const boot = anotherBoot();
    const pass = (ahead_s: number): Promise<unknown> =>
      scene.reconcile((command) => scene.elsewhere.as({ machine: 'b', boot }, command), steadyClockAhead(ahead_s));
    return [...(await byHeartbeat(scene, first.child, pass)), ...(await wokenUp(scene, first.child))];
  });

/** A lease is no matter of wall clocks, which may jump, and differ between machines: an hour more on one of them ends none. */
export const wallClockJump: Scenario = (program) =>
  inScene({ program, idempotent: true }, async (scene) => {
    const first = await scene.begin((command) => scene.elsewhere.as({ machine: 'a' }, command));
    first.child.kill('SIGSTOP');
    scene.receiver.answerFromNowOn();
    const pass = (ahead_s: number): Promise<unknown> =>
      scene.reconcile((command) => scene.elsewhere.as({ machine: 'b' }, command), wallClockAhead(ahead_s));
    await untilSighted(scene, () => pass(0));
    for (const ahead_s of [LEASE_IS_OVER_S, -LEASE_IS_OVER_S, 2 * LEASE_IS_OVER_S]) await pass(ahead_s);
    const wrong = scene.isTakenOver ? ['a lease ended with a jump of the wall clock'] : [];
    return [...wrong, ...(await wokenUp(scene, first.child))];
  });

/** The same machine, and a process table into which the others cannot look. */
export const otherProcessTable: Scenario = (program) =>
  inScene({ program, idempotent: true }, async (scene) => {
    const table = await ProcessTable.open();
    try {
      const { child } = await scene.begin((command) => table.inside(command));
      const pid = scene.handoffs[0]?.owner?.pid ?? 0;
      const outside = { kill: (signal: string) => table.signal(pid, signal) };
      const pass = (ahead_s: number): Promise<unknown> => scene.reconcile(here, steadyClockAhead(ahead_s));
      const wrong = await byHeartbeat(scene, outside, pass);
      const woken = await wokenUp(scene, outside);
      if (child.exitCode !== null) wrong.push(`the owner ended with ${child.exitCode}`);
      return [...wrong, ...woken];
    } finally {
      table.close();
    }
  });

interface Owner {
  kill(signal: 'SIGSTOP' | 'SIGCONT'): unknown;
}

/** While its heart beats, no lease ends; once it is stopped, the lease does, by the steady clock of whoever looks. */
async function byHeartbeat(scene: Scene, owner: Owner, pass: (ahead_s: number) => Promise<unknown>): Promise<Wrong> {
  const wrong: Wrong = [];
  scene.receiver.answerFromNowOn();
  await untilSighted(scene, () => pass(0));
  if (scene.isTakenOver) return ['an attempt was taken over by somebody who cannot know whether its process lives'];
  const before = beatsOf(scene);
  await eventually('another beat', () => beatsOf(scene) !== before, BEAT_PATIENCE_MS);
  await pass(LEASE_IS_OVER_S);
  if (scene.isTakenOver) wrong.push('an attempt was taken over although the heart of its owner beats');
  owner.kill('SIGSTOP');
  await sleep(50);
  for (const leases of [2, 3, 4, 5, 6]) if (scene.truth === null) await pass(leases * LEASE_IS_OVER_S);
  if (scene.truth === null) wrong.push('an attempt was taken over by nobody although its owner gave no sign for longer than its lease');
  return [...wrong, ...judged(scene, true)];
}

/** Passes until one has looked at the owner and remembers what its heartbeat said; what the owner's own passes remember of the day would keep it from looking. */
async function untilSighted(scene: Scene, pass: () => Promise<unknown>): Promise<void> {
  const nonce = scene.handoffs[0]?.owner?.nonce ?? 'nobody';
  await eventually('a look at the owner', async () => {
    rmSync(join(scene.workspace.state, '.cache/days.json'), { force: true });
    await pass();
    return scene.isTakenOver || readOr(join(scene.workspace.state, '.cache/owners.json')).includes(nonce);
  });
}

/** One repetition with the same key where the receiver ignores it, none where it does not. */
function judged(scene: Scene, idempotent: boolean): Wrong {
  const { attempts, log } = scene.receiver;
  const wrong: Wrong = [];
  const wanted = idempotent ? '1,2' : '1';
  if (String(attempts) !== wanted) wrong.push(`attempts ${attempts} were received, not ${wanted}`);
  if (new Set(log.map(({ key }) => key)).size > 1) wrong.push('the repetition has another key');
  const { truth } = scene;
  if (idempotent ? truth?.status !== 'acked' : truth?.reason !== 'indeterminate') wrong.push(`the truth is ${truth?.status}, ${truth?.reason}`);
  return wrong;
}

/** The first owner goes on at last, and gets its answer: what that proves is recorded beside what others have said meanwhile. */
async function wokenUp(scene: Scene, owner: Owner): Promise<Wrong> {
  owner.kill('SIGCONT');
  scene.receiver.release();
  const wrong: Wrong = [];
  await eventually('the evidence of the first attempt', () => scene.isProvedBy(1)).catch(() =>
    wrong.push('the late evidence of the first owner is lost'),
  );
  if (scene.truth?.status !== 'acked') wrong.push(`with the late evidence the truth is ${scene.truth?.status}`);
  if (scene.receiver.log.length > 2) wrong.push(`${scene.receiver.log.length} messages were sent`);
  return [...wrong, ...scene.audit()];
}

function readOr(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** What the heartbeats of all owners say now. */
function beatsOf({ workspace }: Scene): string {
  const folder = join(workspace.state, '.owners');
  return readdirSync(folder)
    .map((name) => readOr(join(folder, name)))
    .join();
}
