import { execFileSync, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, chownSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Daemon, isThere, type Peer } from './peer.ts';

/** Deliveries at once, and connections by which mail is handed in. */
const CONCURRENCY = 32;
const HANDING_IN = 20;
const LIMIT_MS = 300_000;

/** A Postfix of its own that passes everything on to smtp-sink, which takes it and throws it away. */
export const postfix: Peer = {
  id: 'postfix',
  name: 'Postfix to smtp-sink',
  caveat: '',
  whyNot() {
    if (process.getuid?.() !== 0) return 'only root can start a Postfix';
    return isThere('postfix') && isThere('smtp-sink') ? null : 'there is no postfix (Debian package postfix)';
  },
  async start({ folder, bodyBytes }) {
    const [inlet, outlet] = [randomInt(20_000, 26_000), randomInt(26_000, 32_000)];
    const sink = new Sink(outlet);
    prepare(folder, inlet, outlet);
    const command = (name: string): Buffer => execFileSync('postfix', ['-c', join(folder, 'config'), name], { stdio: 'pipe' });
    command('start');
    // It is no child of ours, and would outlive a benchmark that is ended.
    const onExit = (): void => void command('stop');
    process.once('exit', onExit);
    const session = await Session.open(inlet);
    const queues = ['incoming', 'active', 'deferred', 'maildrop'].map((name) => join(folder, 'queue', name));
    const master = Number(readFileSync(join(folder, 'queue/pid/master.pid'), 'utf8'));
    return {
      async work(count) {
        const start = performance.now();
        const limit_ms = start + LIMIT_MS;
        const target = sink.messages + count;
        if (count === 1) await session.send('x'.repeat(bodyBytes));
        else await handIn(inlet, count, bodyBytes);
        while (sink.messages < target || queues.some((queue) => !isEmpty(queue))) {
          if (performance.now() > limit_ms) throw new Error(`Postfix: ${sink.messages - target + count} of ${count} arrived`);
          await sleep(count === 1 ? 0.2 : 2);
        }
        return performance.now() - start;
      },
      pids: () => [master],
      async stop() {
        session.close();
        process.off('exit', onExit);
        command('stop');
        await sink.stop();
      },
    };
  },
};

/** smtp-source of the same package: several connections, each with one mail after another. */
async function handIn(port: number, count: number, bodyBytes: number): Promise<void> {
  const sizes = ['-s', `${HANDING_IN}`, '-m', `${count}`, '-l', `${bodyBytes}`];
  const child = spawn('smtp-source', ['-d', ...sizes, '-f', 'bench@example.org', '-t', 'operator@example.net', `127.0.0.1:${port}`], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const [status] = await once(child, 'exit');
  if (status !== 0) throw new Error(`smtp-source: exit code ${status}`);
}

/** Whether no mail lies there; the queues that wait long are split into folders by the first letter of the name. */
function isEmpty(queue: string): boolean {
  return readdirSync(queue).every((name) => name.length === 1 && readdirSync(join(queue, name)).length === 0);
}

class Sink {
  readonly #daemon: Daemon;
  messages = 0;

  constructor(port: number) {
    this.#daemon = new Daemon('smtp-sink', ['-c', '-u', 'postfix', `127.0.0.1:${port}`, '1000']);
    // "sess=1 quit=1 mesg=1", again at every change.
    this.#daemon.onOutput((text) => {
      const count = /mesg=(\d+)\D*$/.exec(text.slice(0, text.lastIndexOf('\r')))?.[1];
      if (count) this.messages = Math.max(this.messages, Number(count));
    });
  }

  stop(): Promise<void> {
    return this.#daemon.stop();
  }
}

/** One connection over which mail is handed in, mail by mail: the commands of a mail go out together (RFC 2920). */
class Session {
  readonly #socket: Socket;
  #text = '';
  #wake = (): void => {};

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.setEncoding('utf8').on('data', (text: string) => {
      this.#text += text;
      this.#wake();
    });
    // Postfix closes it at the end.
    socket.on('error', () => {});
  }

  static async open(port: number): Promise<Session> {
    for (let left = 200; ; left--) {
      const socket = connect(port, '127.0.0.1');
      const failed = await new Promise<Error | null>((resolve) => socket.once('error', resolve).once('connect', () => resolve(null)));
      if (!failed) {
        const session = new Session(socket);
        await session.#answers(1);
        socket.write('EHLO bench.example.org\r\n');
        await session.#answers(1);
        return session;
      }
      if (left === 0) throw failed;
      await sleep(50);
    }
  }

  async send(text: string): Promise<void> {
    this.#socket.write('MAIL FROM:<bench@example.org>\r\nRCPT TO:<operator@example.net>\r\nDATA\r\n');
    await this.#answers(3);
    const lines = text.match(/.{1,70}/g) ?? [];
    this.#socket.write(`Subject: notice\r\n\r\n${lines.join('\r\n')}\r\n.\r\n`);
    await this.#answers(1);
  }

  close(): void {
    this.#socket.destroy();
  }

  /** Waits for so many answers; the last line of an answer has a space behind its code. */
  async #answers(count: number): Promise<void> {
    for (let missing = count; missing > 0; ) {
      const end = this.#text.indexOf('\n');
      if (end < 0) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        continue;
      }
      const line = this.#text.slice(0, end);
      this.#text = this.#text.slice(end + 1);
      if (/^[45]/.test(line)) throw new Error(`Postfix: ${line.trim()}`);
      if (/^\d{3} /.test(line)) missing--;
    }
  }
}

function prepare(folder: string, inlet: number, outlet: number): void {
  chmodSync(folder, 0o755);
  for (const name of ['config', 'queue', 'data']) mkdirSync(join(folder, name));
  const idOf = (...args: string[]): number => Number(execFileSync('id', args, { encoding: 'utf8' }));
  chownSync(join(folder, 'data'), idOf('-u', 'postfix'), idOf('-g', 'postfix'));
  writeFileSync(
    join(folder, 'config/main.cf'),
    `compatibility_level = 3.6
queue_directory = ${folder}/queue
data_directory = ${folder}/data
maillog_file = ${folder}/log
maillog_file_prefixes = ${folder}
myhostname = mail.example.org
mydestination =
mynetworks = 127.0.0.0/8
relay_domains = example.net
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
alias_maps =
smtputf8_enable = no
smtpd_peername_lookup = no
smtp_dns_support_level = disabled
smtp_host_lookup = native
in_flow_delay = 0
relay_transport = smtp:[127.0.0.1]:${outlet}
default_destination_recipient_limit = 1
initial_destination_concurrency = ${CONCURRENCY}
default_destination_concurrency_limit = ${CONCURRENCY}
smtpd_client_connection_count_limit = 0
smtpd_client_connection_rate_limit = 0
smtp_tls_security_level = none
smtpd_tls_security_level = none
`,
  );
  writeFileSync(
    join(folder, 'config/master.cf'),
    `127.0.0.1:${inlet} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
`,
  );
}
