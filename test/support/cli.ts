import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll } from 'vitest';
import { filesBelow } from './files.ts';

export const PROGRAM = join(import.meta.dirname, '../../dist/rgov.cjs');
/** Nothing here takes longer; what does is hanging. */
const TIME_LIMIT_MS = 30_000;

/** What a program did: its exit code (128 + n after signal n), and what it printed. */
export interface Ran {
  code: number;
  stdout: string;
  stderr: string;
  /** Standard output as it was, for what is no text. */
  bytes: Buffer;
}

interface RunOptions {
  input?: string | Uint8Array;
  cwd?: string;
  env?: Record<string, string>;
  /** Sees the process as soon as it is there: to signal it, or to read it slowly. */
  onStarted?: (child: ChildProcess) => void;
}

const SIGNALS: Record<string, number> = { SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGPIPE: 13, SIGTERM: 15 };

let template: Promise<string> | undefined;
const templates: Place[] = [];
afterAll(() => {
  for (const place of templates) place.remove();
});

/** A folder of its own and an environment that holds next to nothing: what a run prints depends on nothing else. */
export class Place {
  readonly root: string;
  readonly env: Record<string, string>;

  constructor() {
    if (!existsSync(PROGRAM)) throw new Error(`${PROGRAM} is missing: run npm run build first`);
    this.root = realpathSync(mkdtempSync(join(tmpdir(), 'rgov-cli-')));
    this.env = { PATH: process.env['PATH'] ?? '', HOME: this.root, TZ: 'UTC', LANG: 'C.UTF-8', TMPDIR: this.path('tmp') };
    mkdirSync(this.path('tmp'));
  }

  /** A workspace made by `rgov init`, ready for the commands of the test. */
  static async initialised(): Promise<Place> {
    template ??= Place.makeTemplate();
    const place = new Place();
    cpSync(await template, place.ws(), { recursive: true });
    return place;
  }

  /** `rgov init` once in each test file; the others are copies. */
  private static async makeTemplate(): Promise<string> {
    const place = new Place();
    templates.push(place);
    const { code, stderr } = await place.rgov(['init', 'ws']);
    if (code !== 0) throw new Error(`rgov init failed: ${stderr}`);
    return place.ws();
  }

  path(...parts: string[]): string {
    return join(this.root, ...parts);
  }

  /** Below the workspace, where commands run. */
  ws(...parts: string[]): string {
    return this.path('ws', ...parts);
  }

  rgov(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
    return this.run(process.execPath, [PROGRAM, ...args], options);
  }

  /** A shell in which `rgov` is the program. */
  sh(script: string, options: RunOptions = {}): Promise<Ran> {
    const define = `rgov() { '${process.execPath}' '${PROGRAM}' "$@"; }`;
    return this.run('sh', ['-c', `${define}\n${script}`], options);
  }

  run(program: string, args: readonly string[], { input, cwd, env, onStarted }: RunOptions = {}): Promise<Ran> {
    const folder = cwd ?? (existsSync(this.ws()) ? this.ws() : this.root);
    return new Promise((resolve, reject) => {
      const child = spawn(program, args, { cwd: folder, env: { ...this.env, ...env } });
      const [stdout, stderr]: [Buffer[], Buffer[]] = [[], []];
      const timer = setTimeout(() => {
        child.kill('SIGKILL');
        reject(new Error(`still running after ${TIME_LIMIT_MS} ms: ${args.join(' ')}\n${Buffer.concat(stderr)}`));
      }, TIME_LIMIT_MS);
      child.stderr.on('data', (chunk) => stderr.push(chunk));
      if (onStarted) onStarted(child);
      if (!child.stdout.listenerCount('data')) child.stdout.on('data', (chunk) => stdout.push(chunk));
      // A program that ends without reading its input closes the pipe.
      child.stdin.on('error', () => {});
      child.stdin.end(input ?? '');
      child.on('error', reject);
      child.on('close', (code, signal) => {
        clearTimeout(timer);
        const bytes = Buffer.concat(stdout);
        resolve({ code: code ?? 128 + (SIGNALS[signal ?? ''] ?? 0), stdout: bytes.toString(), stderr: Buffer.concat(stderr).toString(), bytes });
      });
    });
  }

  write(path: string, content: string | Uint8Array): string {
    const file = this.ws(path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
    return file;
  }

  /** Every artifact by its path below `state/`, with its text. */
  state(): Record<string, string> {
    return filesBelow(this.ws('state'));
  }

  /** Documents of one stage, in the order of their names. */
  // biome-ignore lint/suspicious/noExplicitAny: documents of every kind, which tests look into
  artifacts(stage: string): Record<string, any>[] {
    return Object.entries(this.state()).flatMap(([path, text]) => (path.startsWith(`${stage}/`) ? [JSON.parse(text)] : []));
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }

  /** The text without what differs from run to run: places, times, hashes, ids, durations. */
  normal(text: string): string {
    return text
      .replaceAll(this.root, '<root>')
      .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, '<time>')
      .replace(/\d{8}T\d{6}\.\d{3}Z/g, '<time>')
      .replace(/\b\d{4}-\d\d-\d\d\b/g, '<day>')
      .replace(/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g, '<uuid>')
      .replace(/(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])/g, '<sha256>')
      .replace(/(?<![0-9a-f])[0-9a-f]{12}(?![0-9a-f])/g, '<hash>')
      .replace(/\b(after|for|late by|last pass:) \d+[smh]\b/g, '$1 <duration>')
      .replace(/by the user \S+/g, 'by the user <user>')
      .replace(/_ms": \d+/g, '_ms": <number>');
  }

  /** A run as it would be read in a terminal's scrollback. */
  transcript(command: string, { code, stdout, stderr }: Ran): string {
    const parts = [`$ ${command}`, stdout.trimEnd(), stderr === '' ? '' : `stderr: ${stderr.trimEnd()}`, `[exit code ${code}]`];
    return `${this.normal(parts.filter((part) => part !== '').join('\n'))}\n`;
  }
}

/** Anything that a terminal would obey, newlines and tabs aside, or that hides and reorders what a person reads. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this pattern is for
export const OBEYED_BY_TERMINALS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069]/;
