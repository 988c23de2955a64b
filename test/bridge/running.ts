import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { PROGRAM } from '../support/cli.ts';
import { eventually, type ToldFact } from '../support/watching.ts';

/** `rgov watch`, `rgov bridge --watch` or `rgov reconcile` with `--json`, as a process that may be killed. */
export class Running {
  readonly child: ChildProcess;
  /** Resolves with the exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>;
  readonly facts: ToldFact[] = [];
  stderr = '';

  constructor(command: readonly string[], options: SpawnOptions = {}) {
    const [program = '', ...args] = command;
    this.child = spawn(program, args, { env: { PATH: process.env['PATH'] ?? '' }, ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    let rest = '';
    this.child.stdout?.on('data', (chunk) => {
      const lines = `${rest}${chunk}`.split('\n');
      rest = lines.pop() ?? '';
      // `rgov reconcile` prints one object over many lines, which holds no facts.
      this.facts.push(...lines.filter((line) => line.startsWith('{"')).map((line) => JSON.parse(line) as ToldFact));
    });
    this.child.stderr?.on('data', (chunk) => {
      this.stderr += chunk;
    });
    this.ended = once(this.child, 'close').then(([code, signal]) => code ?? signal);
  }

  get isUp(): boolean {
    return this.facts.some(({ fact }) => fact === 'started');
  }

  get isOver(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** Everything that it watches is watched from now on. */
  async up(): Promise<this> {
    await eventually('a process that is up', () => {
      if (this.isOver) throw new Error(`it ended at once: ${this.stderr}`);
      return this.isUp;
    });
    return this;
  }

  fact(kind: string, fits: (fact: ToldFact) => boolean = () => true): Promise<ToldFact> {
    return eventually(`a fact ${kind} from ${this.child.spawnargs.join(' ')}`, () => {
      if (this.isOver) throw new Error(`it ended: ${this.stderr}`);
      return this.facts.find((fact) => fact.fact === kind && fits(fact));
    }).catch((error: unknown) => {
      throw new Error(`${error instanceof Error ? error.message : error}\n${JSON.stringify(this.facts)}\n${this.stderr}`);
    });
  }

  stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | string> {
    this.child.kill(signal);
    return this.ended;
  }
}

export interface Ran {
  code: number | string;
  stdout: string;
  stderr: string;
}

/** What came of one run of the program, while receivers in this process go on answering. */
export function rgovIn(root: string, args: readonly string[], options: SpawnOptions & { program?: string } = {}): Promise<Ran> {
  const { program = PROGRAM, ...others } = options;
  const child = spawn(process.execPath, [program, ...args, '-C', root], {
    env: { PATH: process.env['PATH'] ?? '', NO_COLOR: '1' },
    ...others,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ran = { code: 0, stdout: '', stderr: '' };
  child.stdout?.on('data', (chunk) => {
    ran.stdout += chunk;
  });
  child.stderr?.on('data', (chunk) => {
    ran.stderr += chunk;
  });
  return once(child, 'close').then(([code, signal]) => ({ ...ran, code: code ?? signal }));
}
