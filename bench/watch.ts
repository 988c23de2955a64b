import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileName } from '../src/model/names.ts';
import { publication } from '../src/model/publication.ts';
import { Layout } from '../src/store/layout.ts';
import { Publisher } from '../src/store/publish.ts';
import { median, percentile, type Row } from './measure.ts';
import { bindTo, runRgov } from './rgov-command.ts';
import { SETTLED_CHAINS, writeSettled } from './settled.ts';
import { removeAll } from './workload.ts';

const DROPS = 300;
const SPACING_MS = 40;
const IDLE_MS = 30_000;
/** Of utime and stime in /proc/PID/stat (proc(5)); 100 on every Linux that Node runs on. */
const TICKS_PER_S = 100;

/** `rgov watch`, beside few artifacts and beside 100,000: how fast a drop becomes a call, how ready, how large, how still. */
export async function measureWatch(base: string, program: string): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [beside, chains] of [
    ['100 artifacts', 20],
    ['100,000 artifacts', SETTLED_CHAINS],
  ] as const) {
    const receiver = new Receiver();
    const port = await receiver.listen();
    const workspace = mkdtempSync(join(base, 'watch-'));
    prepare(program, workspace, port);
    writeSettled(join(workspace, 'state'), chains);
    for (let i = 0; i < 2; i++) {
      runRgov(program, workspace, ['reconcile']);
      await sleep(2_500);
    }
    runRgov(program, workspace, ['reconcile']);
    rows.push(...(await watchOne(program, workspace, beside, receiver)));
    receiver.close();
    removeAll(workspace);
  }
  return rows;
}

async function watchOne(program: string, workspace: string, beside: string, receiver: Receiver): Promise<Row[]> {
  const inbox = join(workspace, 'state/inbox');
  mkdirSync(inbox, { recursive: true });
  drop(inbox, 'first');
  const start = performance.now();
  const child = spawn(process.execPath, [program, 'watch', '--json'], { cwd: workspace, stdio: ['ignore', 'pipe', 'inherit'] });
  const started = new Promise<number>((resolve) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      if ((JSON.parse(line) as { fact: string }).fact === 'started') resolve(performance.now() - start);
    });
  });
  await receiver.next();
  const firstCall_ms = performance.now() - start;
  const started_ms = await started;
  await sleep(3_000);
  const { watch, bare } = await latencies(inbox, workspace, receiver);
  await sleep(3_000);
  const memory = memoryOf(child);
  const before = cpuSecondsOf(child);
  await sleep(IDLE_MS);
  const idle = ((cpuSecondsOf(child) - before) / (IDLE_MS / 1000)) * 100;
  child.kill('SIGTERM');
  const ratios = watch.map((ms, i) => ms / (bare[i] as number));
  const spread = (values: readonly number[]): string => `${Math.min(...values).toFixed(1)} .. p99 ${percentile(values, 99).toFixed(1)}`;
  return [
    {
      what: `watch beside ${beside}: drop renamed to webhook called`,
      median: `${median(watch).toFixed(2)} ms`,
      spread: spread(watch),
      ratio: `${median(ratios).toFixed(2)} of bare`,
      goal: 'median <= 5 ms, p99 <= 15 ms',
    },
    {
      what: 'its four files bare behind one barrier, then a call; in turn with it',
      median: `${median(bare).toFixed(2)} ms`,
      spread: spread(bare),
      ratio: '1',
      goal: '',
    },
    {
      what: `watch beside ${beside}: started, and first drop delivered`,
      median: `${started_ms.toFixed(0)} ms, ${firstCall_ms.toFixed(0)} ms`,
      spread: '',
      ratio: '',
      goal: '<= 500 ms',
    },
    { what: `watch beside ${beside}: resident after ${DROPS} drops, peak`, ...memory, ratio: '', goal: '<= 80 MiB' },
    {
      what: `watch beside ${beside}: processor time while nothing happens`,
      median: `${idle.toFixed(2)} % of a core`,
      spread: '30 s',
      ratio: '',
      goal: '< 0.5 %',
    },
  ];
}

/** Drops with time between them, each in turn with the least that any program would have to do for it. */
async function latencies(inbox: string, workspace: string, receiver: Receiver): Promise<{ watch: number[]; bare: number[] }> {
  const watch: number[] = [];
  const bare: number[] = [];
  const floor = new Publisher(new Layout(join(workspace, 'bare')), 'bench');
  for (let i = 0; i < DROPS; i++) {
    await sleep(SPACING_MS);
    const arrived = receiver.next();
    const before = performance.now();
    drop(inbox, `drop-${i}`);
    watch.push((await arrived) - before);
    await sleep(SPACING_MS);
    const called = receiver.next();
    const start = performance.now();
    await publishBare(floor, i);
    post(receiver.port);
    bare.push((await called) - start);
  }
  return { watch, bare };
}

/** As small programs do it: written under a name that is not looked at, then renamed. */
function drop(inbox: string, id: string): void {
  const event = {
    specversion: '1.0',
    id,
    source: 'bench',
    type: 'run.failed',
    subject: `job/${id}`,
    time: new Date().toISOString(),
    data: { summary: 'exit code 3' },
  };
  writeFileSync(join(inbox, `.${id}`), JSON.stringify(event));
  renameSync(join(inbox, `.${id}`), join(inbox, `${id}.json`));
}

async function publishBare(publisher: Publisher, i: number): Promise<void> {
  const name = `20261122T120000.000Z_run.failed_job.bare_${i.toString(16).padStart(12, '0')}`;
  const document = { text: 'x'.repeat(900) } as never;
  const items = (['events', 'decisions', 'queue', 'handoffs'] as const).map((stage) => ({
    chain: name,
    publication: publication('event', stage, name, fileName.event(name), document),
  }));
  await publisher.publishAll(items);
}

function post(port: number): void {
  const call = request({ port, host: '127.0.0.1', method: 'POST', path: '/bare' });
  call.on('response', (answer) => answer.resume());
  call.end('{}');
}

class Receiver {
  readonly #server: Server;
  #arrived: ((at: number) => void) | undefined;

  constructor() {
    this.#server = createServer((incoming, answer) => {
      const at = performance.now();
      incoming.resume();
      answer.end('ok');
      this.#arrived?.(at);
    });
  }

  listen(): Promise<number> {
    return new Promise((resolve) => {
      this.#server.listen(0, '127.0.0.1', () => resolve(this.port));
    });
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** When the next call arrives, by performance.now(). */
  next(): Promise<number> {
    return new Promise((resolve) => {
      this.#arrived = resolve;
    });
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

function memoryOf({ pid }: ChildProcess): { median: string; spread: string } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const mib = (key: string): string => `${Math.round(Number(new RegExp(`${key}:\\s+(\\d+)`).exec(status)?.[1]) / 1024)} MiB`;
  return { median: mib('VmRSS'), spread: mib('VmHWM') };
}

function cpuSecondsOf({ pid }: ChildProcess): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_S;
}

/** A workspace whose failures go to the webhook, and which expects a word from everybody once a day. */
function prepare(program: string, workspace: string, port: number): void {
  runRgov(program, workspace, ['init', '.']);
  bindTo(workspace, port, '24h', '  expect:\n    - { id: everybody-speaks, subject: "job/*", every: 1w }\n');
}
