import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { sleep } from '../../support/watching.ts';
import { type Fault, faultsOfEach, faultsOfKind, kindOf } from './faults.ts';
import { fingerprint } from './fingerprint.ts';
import { type Expected, judgeRun, judgeState, leftovers, PromiseJudge, type Violation } from './judge.ts';
import type { Call } from './shim.ts';
import type { Ran, Stage } from './stage.ts';

/** Passes without any fault after the faulty run; one is enough, unless what it has put off has to be waited for. */
const MAX_PASSES = 6;
/** A run that never comes to its call is a violation. */
const MAX_TRIES = 8;
/** What is due later than this is not waited for: by then everything has come to its end. */
const SOON_MS = 5_000;

export interface Scenario {
  name: string;
  /** Brings `state/` to where the run begins. */
  prepare(stage: Stage): Promise<void>;
  /** The run of which one call after the other is made to fail. */
  args: string[];
  /** Exit code 0 of it says that an event is recorded. */
  isEmitter?: boolean;
  /** Whoever started it starts it again until it succeeds; other than a pass, of which the next one is another. */
  isRepeated?: boolean;
  /** Null where `judge` looks at everything itself. */
  expected: Expected | null;
  /** It changes nothing, so that one run can begin where the last one ended: what it remembers of folders would not outlive a copy. */
  staysAsItIs?: boolean;
  /** Below the workspace: what is forgotten before each run. */
  forgets?: string | undefined;
  /** It does what is only done where nothing has changed for a while. */
  needsAge?: boolean;
  /** Only what every call meets; the other errors of each kind of call are met in another scenario. */
  isShort?: boolean;
  /** What else must be true in the end. */
  judge?: (stage: Stage, ran: Ran) => Promise<Violation[]>;
}

/** One run with one fault, and what was wrong with it or with what came after it. */
interface Broken extends Violation {
  call: string;
  fault: string;
}

export interface Played {
  /** Calls of the run without any fault. */
  calls: number;
  /** Kinds of calls among them, each of which met every error that applies. */
  kinds: number;
  runs: number;
  /** Runs by the fault that they met. */
  byFault: Record<string, number>;
  /** Different states that the runs left behind, from each of which the program was let come to its end. */
  states: number;
  /** Runs by how they ended. */
  byExit: Record<string, number>;
  broken: Broken[];
}

interface Case {
  call: Call;
  fault: Fault;
}

export interface PlayOptions {
  /** Which of the cases are run, and each until its fault has met such a call; all without it. */
  only?: ((call: Call, fault: Fault) => boolean) | undefined;
  /** Ends at the first violation. */
  untilBroken?: boolean;
}

/** Counts the calls of a run, then makes it again and again, each time with one fault in one of them. */
export async function play(stage: Stage, scenario: Scenario, { only, untilBroken = false }: PlayOptions = {}): Promise<Played> {
  await scenario.prepare(stage);
  stage.keep();
  await begin(stage, scenario);
  const calm = await stage.runShimmed(scenario.args);
  const calls = calm.calls.filter(({ n }) => n > 0).sort((a, b) => a.n - b.n);
  const cases = casesOf(calls, scenario.isShort ?? false);
  const played: Played = { calls: calls.length, kinds: new Set(calls.map(kindOf)).size, runs: 0, states: 0, byFault: {}, byExit: {}, broken: [] };
  const seen = new Set<string>();
  played.broken.push(...(await conclude(stage, scenario, calm, null, seen)).map((violation) => ({ ...violation, call: 'none', fault: 'none' })));
  for (const one of only ? cases.filter(({ call, fault }) => only(call, fault)) : cases) {
    const isMeant = (call: Call): boolean => call.n === one.call.n && (only?.(call, one.fault) ?? true);
    const { ran, before } = await runInto(stage, scenario, one, isMeant);
    const violations = await conclude(stage, scenario, ran, { ...one, before }, seen);
    played.runs += 1;
    played.byFault[one.fault.name] = (played.byFault[one.fault.name] ?? 0) + 1;
    played.byExit[String(ran.code)] = (played.byExit[String(ran.code)] ?? 0) + 1;
    const { n, name, path } = one.call;
    played.broken.push(...violations.map((violation) => ({ ...violation, call: `${n} ${name} ${path}`, fault: one.fault.name })));
    if (untilBroken && played.broken.length > 0) break;
  }
  played.states = seen.size;
  return played;
}

/** What is read again because it changed just now differs from run to run, and so does what threads do side by side: one that did not come to its call is made once more. */
async function runInto(
  stage: Stage,
  scenario: Scenario,
  { call, fault }: Case,
  isMeant: (call: Call) => boolean,
): Promise<{ ran: Ran; before: ReadonlySet<string> }> {
  for (let tries = 1; ; tries++) {
    await begin(stage, scenario);
    const before = new Set(leftovers(stage.state));
    const ran = await stage.runShimmed(scenario.args, { at: call.n, fault });
    if (tries === MAX_TRIES || ran.calls.some(isMeant)) return { ran, before };
  }
}

async function begin(stage: Stage, { staysAsItIs, needsAge, forgets }: Scenario): Promise<void> {
  if (forgets !== undefined) rmSync(join(stage.workspace.root, forgets), { force: true });
  if (needsAge) await stage.resetAged();
  else if (!staysAsItIs) stage.reset();
}

/** Every call with what each call meets, and the first call of each kind with everything else that applies to it. */
function casesOf(calls: readonly Call[], isShort: boolean): Case[] {
  const kinds = new Set<string>();
  return calls.flatMap((call) => {
    const kind = kindOf(call);
    const faults = isShort || kinds.has(kind) ? faultsOfEach(call) : [...faultsOfEach(call), ...faultsOfKind(call)];
    kinds.add(kind);
    return faults.map((fault) => ({ call, fault }));
  });
}

/**
 * Judges the run, lets the program come to its end without faults, and judges what is there then. Where the run left what
 * another one left before it, but for times and numbers of processes, the same would come of it, and it is not done again.
 */
async function conclude(
  stage: Stage,
  scenario: Scenario,
  ran: Ran,
  one: (Case & { before: ReadonlySet<string> }) | null,
  seen: Set<string>,
): Promise<Violation[]> {
  const killed = one?.fault.name.startsWith('killed') ?? false;
  const violations = judgeRun(ran, killed);
  const hit = ran.calls.find(({ n, done }) => n === one?.call.n && done !== '');
  if (one && !hit) violations.push({ check: 'the fault was met', what: `the run made ${ran.calls.length} calls` });
  if (!killed) {
    const files = leftovers(stage.state).filter((path) => path !== hit?.path && path !== hit?.other && !one?.before.has(path));
    if (files.length > 0) violations.push({ check: 'temporary files left behind', what: files.join(', ') });
  }
  const promises = new PromiseJudge();
  promises.follow(ran, scenario.isEmitter ?? false);
  const left = `${ran.code === 0} ${fingerprint(stage.state)} ${stage.received.length} ${promises.fleeting()}`;
  if (violations.length === 0 && promises.violations.length === 0 && seen.has(left)) return [];
  seen.add(left);
  if (scenario.isRepeated && ran.code !== 0) {
    const again = await stage.runShimmed(scenario.args);
    promises.follow(again, scenario.isEmitter ?? false);
    if (again.code !== 0)
      violations.push({ check: 'it did not succeed when it was started again', what: `${again.code}: ${again.stdout}${again.stderr}` });
  }
  violations.push(...(await comeToItsEnd(stage, promises)), ...promises.violations);
  if (scenario.expected) violations.push(...judgeState(stage.state, stage.everReceived, scenario.expected));
  if (scenario.judge) violations.push(...(await scenario.judge(stage, ran)));
  return violations;
}

async function comeToItsEnd(stage: Stage, promises: PromiseJudge): Promise<Violation[]> {
  for (let pass = 1; ; pass++) {
    const ran = await stage.runShimmed(['reconcile', '--json']);
    promises.follow(ran, false);
    if (ran.code === 0) {
      const { nextDue, failures } = JSON.parse(ran.stdout) as { nextDue: string | null; failures: string[] };
      const wait_ms = nextDue === null ? Infinity : Date.parse(nextDue) - Date.now();
      if (failures.length === 0 && wait_ms > SOON_MS) return [];
      if (wait_ms <= SOON_MS) await sleep(Math.max(0, wait_ms));
    }
    if (pass >= MAX_PASSES) return [{ check: 'never came to its end', what: `exit code ${ran.code}: ${ran.stdout} ${ran.stderr}` }];
  }
}
