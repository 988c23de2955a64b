import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { OBEYED_BY_TERMINALS, PROGRAM } from '../../support/cli.ts';
import { namesBelow } from '../../support/hostile-things.ts';
import { startReceiver } from '../../support/loopback-receiver.ts';
import { artifactsOf } from '../../support/watching.ts';
import type { Arena, Hostile } from './input.ts';

/** Whoever takes longer hangs: generous on the slowest machine. */
const LIMIT_MS = 300_000;
const STACK = /\n\s+at [^\n]+[:(]\d+:\d+\)?/;
const DOCUMENTED = [0, 1, 2, 3, 4];
/** Loaded before the program: says at its end whether anything has got into the prototypes that all objects share. */
const GUARD = `const known = [Object, Array, Function, String].map(({ prototype }) => [prototype, Reflect.ownKeys(prototype).length]);
process.on('exit', () => {
  if (known.some(([prototype, count]) => Reflect.ownKeys(prototype).length !== count) || Object.keys({ ...{} }).length > 0 || 'polluted' in {})
    require('node:fs').writeSync(2, 'PROTOTYPE POLLUTED\\n');
});`;

interface Ran {
  code: number | string;
  said: string;
}

/** A workspace, and round about it what nobody may touch. */
class RealArena implements Arena {
  readonly #base = realpathSync(mkdtempSync(join(tmpdir(), 'rgov-arena-')));
  readonly root = join(this.#base, 'ws');
  readonly state = join(this.root, 'state');
  /** A folder that only the input itself may lead to; it holds a file \`precious\`. */
  readonly outside = join(this.#base, 'outside');
  readonly #before: string;
  readonly #program: string;

  constructor(template: string, program: string) {
    this.#program = program;
    cpSync(template, this.root, { recursive: true, verbatimSymlinks: true });
    mkdirSync(this.outside);
    mkdirSync(join(this.#base, 'tmp'));
    writeFileSync(join(this.outside, 'precious'), 'precious');
    writeFileSync(join(this.#base, 'guard.cjs'), GUARD);
    this.#before = this.#around();
  }

  write(path: string, content: string | Uint8Array): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true });
    writeFileSync(join(this.root, path), content);
  }

  link(path: string, target: string): void {
    rmSync(join(this.root, path), { recursive: true, force: true });
    mkdirSync(dirname(join(this.root, path)), { recursive: true });
    symlinkSync(target, join(this.root, path));
  }

  run(args: readonly string[], input: string | Uint8Array): Promise<Ran> {
    const env = {
      PATH: process.env['PATH'] ?? '',
      HOME: this.#base,
      TMPDIR: join(this.#base, 'tmp'),
      NODE_OPTIONS: `--require=${join(this.#base, 'guard.cjs')}`,
      ESCAPES: '\u001b[2J',
    };
    return new Promise((resolve) => {
      const child = spawn(process.execPath, [this.#program, ...args], { cwd: this.root, env });
      let said = '';
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding('utf8');
        stream.on('data', (chunk) => {
          said += chunk;
        });
      }
      const timer = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS);
      child.stdin.on('error', () => {});
      child.stdin.end(input);
      child.on('error', (error) => resolve({ code: error.message, said }));
      child.on('close', (code, signal) => {
        clearTimeout(timer);
        resolve({ code: code ?? `${signal} after ${LIMIT_MS} ms at most`, said });
      });
    });
  }

  /** What lies round about the workspace is as it was. */
  isIntact(): boolean {
    return this.#around() === this.#before && readFileSync(join(this.outside, 'precious'), 'utf8') === 'precious';
  }

  remove(): void {
    rmSync(this.#base, { recursive: true, force: true });
  }

  #around(): string {
    const names = readdirSync(this.#base).filter((name) => name !== 'ws');
    // What is made for an inspector of the runtime is no work of the program.
    return names.flatMap((name) => [name, ...(name === 'guard.cjs' ? [] : namesBelow(join(this.#base, name)))]).join('\\n');
  }
}

/** What is wrong with the way in which the program takes it; nothing, if it does so with grace. */
export async function faultsOf(hostile: Hostile, template: string, program = PROGRAM): Promise<string[]> {
  const arena = new RealArena(template, program);
  const receiver = hostile.answer === undefined ? null : await startReceiver([hostile.answer]);
  try {
    if (receiver !== null) bindReceiver(arena, receiver.origin);
    await hostile.prepare?.(arena);
    const faults: string[] = [];
    let isStateUnreadable = false;
    for (const [i, args] of hostile.commands.entries()) {
      const { code, said } = await arena.run(args, hostile.input ?? '');
      const isExpected = i === 0 && hostile.codes ? hostile.codes.includes(Number(code)) : DOCUMENTED.includes(Number(code));
      const about = `rgov ${args.join(' ').slice(0, 80)}: `;
      isStateUnreadable ||= code === 4;
      if (!isExpected) faults.push(`${about}exit code ${code}: ${said.slice(0, 600)}`);
      if (STACK.test(said)) faults.push(`${about}a stack trace: ${said.slice(0, 600)}`);
      if (OBEYED_BY_TERMINALS.test(said)) faults.push(`${about}raw control characters: ${JSON.stringify(said.slice(0, 600))}`);
      if (said.includes('PROTOTYPE POLLUTED')) faults.push(`${about}a prototype is polluted`);
    }
    if (!arena.isIntact()) faults.push('something outside of the workspace was touched');
    if (hostile.goodGoesOn && !isStateUnreadable && !hasGood(arena)) faults.push('an event that has nothing to do with it did not come to its end');
    return faults;
  } finally {
    await receiver?.close();
    arena.remove();
  }
}

/** Whether the notice of the good event has a receipt. */
function hasGood({ state }: Arena): boolean {
  const notice = artifactsOf(state, 'queue').find((path) => readFileSync(join(state, path), 'utf8').includes('"subject": "job/good"'));
  if (notice === undefined) return false;
  const name = basename(notice, '.json');
  return artifactsOf(state, 'receipts').some((path) => basename(path).startsWith(`${name}.`));
}

function bindReceiver(arena: Arena, origin: string): void {
  arena.write(
    'bindings/default.yaml',
    `apiVersion: reporting-governance/v1
kind: RuntimeBinding
metadata: { name: default }
spec:
  profile: webhook
  state: state
  targets: { operator: { sender: hook } }
  senders:
    hook: { use: webhook, timeLimit: 3s, with: { url: "${origin}/hook", allowHosts: [127.0.0.1] } }
`,
  );
}
