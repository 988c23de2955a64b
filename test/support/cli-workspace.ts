import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The program as it is installed; `npm test` builds it first. */
const CLI = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'dist', 'rgov.cjs');

export interface Ran {
  code: number | null;
  stdout: string;
  stderr: string;
}

interface RunParts {
  input?: string;
  env?: Record<string, string>;
  /** What stands before the program: `['prlimit', '--nofile=40']`. */
  through?: readonly string[];
}

/** A workspace of its own and real runs of the program in it, in an environment without anything of ours. */
export class CliWorkspace {
  readonly root: string;
  readonly state: string;

  constructor() {
    this.root = mkdtempSync(join(tmpdir(), 'rgov-cli-'));
    this.state = join(this.root, 'state');
    if (!existsSync(CLI)) throw new Error(`there is no ${CLI}: npm run build`);
    const made = this.run(['init', this.root]);
    if (made.code !== 0) throw new Error(`init failed: ${made.stderr}`);
  }

  run(args: readonly string[], parts: RunParts = {}): Ran {
    const { status, stdout, stderr } = spawnSync(...this.#command(args, parts), {
      ...this.#options(parts),
      input: parts.input ?? '',
      encoding: 'utf8',
      timeout: 60_000,
    });
    return { code: status, stdout, stderr };
  }

  start(args: readonly string[], parts: RunParts = {}): ChildProcess {
    return spawn(...this.#command(args, parts), { ...this.#options(parts), stdio: ['ignore', 'ignore', 'pipe'] });
  }

  /** Resolves with what came of it, without holding up the test's own process: a receiver may live there. */
  runBeside(args: readonly string[], parts: RunParts = {}): Promise<Ran> {
    return new Promise((resolve) => {
      const child = this.start(args, parts);
      let stderr = '';
      child.stderr?.on('data', (chunk) => {
        stderr += chunk;
      });
      child.on('close', (code) => resolve({ code, stdout: '', stderr }));
    });
  }

  status(): { counts: Record<string, number>; blocked: { reason: string }[]; quarantined: { path: string }[]; unreadable: { path: string }[] } {
    return JSON.parse(this.run(['status', '--json']).stdout);
  }

  /** Sends what is for the operator to a receiver at this address. */
  bindWebhook(origin: string, extra = ''): void {
    writeFileSync(
      join(this.root, 'bindings', 'default.yaml'),
      `apiVersion: reporting-governance/v1
kind: RuntimeBinding
metadata: { name: default }
spec:
  profile: webhook
  state: state
  targets:
    operator: { sender: hook }
  senders:
    hook:
      use: webhook
      with: { url: "${origin}/hook", allowHosts: [127.0.0.1]${extra} }
`,
    );
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }

  #command(args: readonly string[], { through = [] }: RunParts): [string, string[]] {
    const [program, ...rest] = [...through, process.execPath, CLI, ...args] as [string, ...string[]];
    return [program, rest];
  }

  #options({ env = {} }: RunParts): { cwd: string; env: Record<string, string> } {
    return { cwd: this.root, env: { PATH: process.env['PATH'] ?? '', NO_COLOR: '1', ...env } };
  }
}

/** Failed runs of different subjects, one CloudEvent a line. */
export function failures(count: number, prefix = 'job'): string {
  return Array.from({ length: count }, (_, i) =>
    JSON.stringify({ specversion: '1.0', id: `${prefix}-${i}`, source: 'test', type: 'run.failed', subject: `${prefix}/${i}` }),
  ).join('\n');
}
