import { randomInt } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { Daemon, isThere, type Peer } from './peer.ts';

const PROGRAM = 'prometheus-alertmanager';
/** As many as Prometheus sends with one request at most. */
const ALERTS_PER_REQUEST = 64;

/** Alertmanager with a webhook. It answers before anything is on disk, and keeps what it sent in memory for a quarter of an hour. */
export const alertmanager: Peer = {
  id: 'alertmanager',
  name: 'Alertmanager 0.25',
  caveat: 'not durable',
  whyNot: () => (isThere(PROGRAM) ? null : `there is no ${PROGRAM} (Debian package ${PROGRAM})`),
  async start({ folder, receiver, bodyBytes }) {
    // Below the range from which the system gives out ports.
    const port = randomInt(20_000, 32_000);
    writeFileSync(join(folder, 'config.yml'), configuration(receiver.port));
    const server = new Daemon(PROGRAM, [
      `--config.file=${join(folder, 'config.yml')}`,
      `--storage.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--cluster.listen-address=',
      '--log.level=error',
    ]);
    await server.ready(async () => (await call(port, 'GET', '/-/ready')) === 200);
    let handedIn = 0;
    // The label makes each alert one of its own; the rest of the body is its envelope.
    const text = 'x'.repeat(Math.max(0, bodyBytes - 700));
    return {
      async work(count) {
        const { count: before } = await receiver.seen(0);
        const alerts = Array.from({ length: count }, () => ({ labels: { alertname: 'run', run: `${handedIn++}` }, annotations: { text } }));
        const start = performance.now();
        const done = receiver.seen(before + count).then(() => performance.now() - start);
        for (let i = 0; i < count; i += ALERTS_PER_REQUEST) {
          const status = await call(port, 'POST', '/api/v2/alerts', JSON.stringify(alerts.slice(i, i + ALERTS_PER_REQUEST)));
          if (status !== 200) throw new Error(`Alertmanager answered ${status}`);
        }
        return done;
      },
      pids: () => [server.pid],
      stop: () => server.stop(),
    };
  },
};

/** Each alert is a group of its own and goes out at once. */
function configuration(port: number): string {
  return `route: { receiver: hook, group_by: ["..."], group_wait: 0s, group_interval: 5m, repeat_interval: 4h }
receivers:
  - name: hook
    webhook_configs: [{ url: "http://127.0.0.1:${port}/hook", send_resolved: false }]
`;
}

function call(port: number, method: string, path: string, body = ''): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const asked = request({ port, host: '127.0.0.1', method, path, headers }, (answer) => {
      answer.resume();
      answer.on('end', () => resolve(answer.statusCode ?? 0));
    });
    asked.on('error', reject);
    asked.end(body);
  });
}
