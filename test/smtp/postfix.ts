import { execFileSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { selfSigned } from '../support/loopback-certificate.ts';
import { whyNoPackage } from '../support/senders/debian-package.ts';

export const LOCAL_DOMAIN = 'example.net';
export const REPORTS_TO = 'reports@example.org';
export const LOGIN = { user: 'rgov', password: 'correct horse battery staple' };

export interface Postfix {
  /** Ports on 127.0.0.1: neither TLS nor login; STARTTLS and login; TLS from the first byte and login. */
  ports: { plain: number; startTls: number; implicit: number };
  /** File with the certificate that the server shows. */
  ca: string;
  /** The raw mails in the mailbox of a local part, oldest first. */
  mailbox(user: string): Buffer[];
  log(): string;
  stop(): Promise<void>;
}

/** Why a private Postfix cannot run here; null if it can. */
export function whyNoPostfix(): string | null {
  if (process.getuid?.() !== 0) return 'only root can start it';
  return whyNoPackage('postfix');
}

/** `next`: port of another server, to which mail for relayed@ goes on. */
export async function startPostfix(next: number): Promise<Postfix> {
  const root = mkdtempSync(join(tmpdir(), 'rgov-postfix-'));
  chmodSync(root, 0o755);
  const [plain, startTls, implicit] = (await freePorts(3)) as [number, number, number];
  const sasl = await startAuthServer();
  const { key, cert } = selfSigned();
  const at = (name: string): string => join(root, name);
  writeFileSync(at('key.pem'), key, { mode: 0o600 });
  writeFileSync(at('cert.pem'), cert);
  for (const folder of ['config', 'queue', 'data', 'mail']) mkdirSync(at(folder));
  chownSync(at('data'), idOf('postfix'), idOf('postfix', '-g'));
  chownSync(at('mail'), NOBODY, NOBODY);
  writeFileSync(at('config/main.cf'), mainCf(root, sasl.port, next));
  writeFileSync(at('config/master.cf'), masterCf(plain, startTls, implicit));
  const postfix = (command: string): string => execFileSync('postfix', ['-c', at('config'), command], { encoding: 'utf8', stdio: 'pipe' });
  const log = (): string => (existsSync(at('log')) ? readFileSync(at('log'), 'utf8') : '');
  // It is no child of ours, and would outlive a test that is ended.
  const onExit = (): void => void postfix('stop');
  process.once('exit', onExit);
  const stop = async (): Promise<void> => {
    process.off('exit', onExit);
    try {
      postfix('stop');
    } finally {
      await sasl.close();
      rmSync(root, { recursive: true, force: true });
    }
  };
  try {
    postfix('start');
    for (const port of [plain, startTls, implicit]) await reachable(port);
  } catch (error) {
    const said = log();
    await stop().catch(() => {});
    throw new Error(`Postfix did not start: ${said}`, { cause: error });
  }
  const mailbox = (user: string): Buffer[] => {
    const folder = join(root, 'mail', user, 'new');
    return existsSync(folder)
      ? readdirSync(folder)
          .sort()
          .map((name) => readFileSync(join(folder, name)))
      : [];
  };
  return { ports: { plain, startTls, implicit }, ca: at('cert.pem'), mailbox, log, stop };
}

const NOBODY = 65_534;

function mainCf(root: string, saslPort: number, next: number): string {
  const mailboxes = ['operator', 'greylisted', 'vanished', 'slow', 'relayed'].map((user) => `{${user}@${LOCAL_DOMAIN} = ${user}/}`);
  return `compatibility_level = 3.6
queue_directory = ${root}/queue
data_directory = ${root}/data
maillog_file = ${root}/log
maillog_file_prefixes = ${root}
myhostname = mail.example.org
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
alias_maps =
smtputf8_enable = no
smtpd_peername_lookup = no
smtp_dns_support_level = disabled
smtp_host_lookup = native
in_flow_delay = 0
queue_run_delay = 1s
minimal_backoff_time = 1s
maximal_backoff_time = 2s
delay_warning_time = 1s
virtual_mailbox_domains = ${LOCAL_DOMAIN}, example.org
virtual_mailbox_base = ${root}/mail
virtual_mailbox_maps = inline:{ ${[...mailboxes, `{${REPORTS_TO} = reports/}`].join(', ')} }
virtual_uid_maps = static:${NOBODY}
virtual_gid_maps = static:${NOBODY}
transport_maps = inline:{ {vanished@${LOCAL_DOMAIN} = exit:67}, {slow@${LOCAL_DOMAIN} = exit:75}, {relayed@${LOCAL_DOMAIN} = smtp:[127.0.0.1]:${next}} }
smtpd_recipient_restrictions = check_recipient_access inline:{ {greylisted@${LOCAL_DOMAIN} = 450 4.2.0 greylisted, come back in 300 seconds} }, reject_unauth_destination
smtpd_tls_cert_file = ${root}/cert.pem
smtpd_tls_key_file = ${root}/key.pem
smtpd_sasl_type = dovecot
smtpd_sasl_path = inet:127.0.0.1:${saslPort}
`;
}

function masterCf(plain: number, startTls: number, implicit: number): string {
  const login = '-o smtpd_sasl_auth_enable=yes -o smtpd_tls_auth_only=yes -o smtpd_client_restrictions=permit_sasl_authenticated,reject';
  return `127.0.0.1:${plain} inet n - n - - smtpd
127.0.0.1:${startTls} inet n - n - - smtpd -o smtpd_tls_security_level=may ${login}
127.0.0.1:${implicit} inet n - n - - smtpd -o smtpd_tls_wrappermode=yes ${login}
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
exit unix - n n - - pipe user=nobody argv=/bin/sh -c {exit \${nexthop}}
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
`;
}

/** The least of Dovecot's authentication protocol (version 1.2) that Postfix needs to check a password by AUTH PLAIN. */
async function startAuthServer(): Promise<{ port: number; close(): Promise<void> }> {
  const right = Buffer.from(`\0${LOGIN.user}\0${LOGIN.password}`).toString('base64');
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.write(`VERSION\t1\t2\nMECH\tPLAIN\tplaintext\nSPID\t1\nCUID\t1\nCOOKIE\t${'0'.repeat(32)}\nDONE\n`);
    let pending = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      const lines = (pending + chunk).split('\n');
      pending = lines.pop() ?? '';
      for (const line of lines) {
        const [verb, id, , ...parameters] = line.split('\t');
        if (verb !== 'AUTH') continue;
        const response = parameters.find((parameter) => parameter.startsWith('resp='))?.slice(5);
        socket.write(response === right ? `OK\t${id}\tuser=${LOGIN.user}\n` : `FAIL\t${id}\tuser=${LOGIN.user}\n`);
      }
    });
    socket.unref();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = (): Promise<void> => new Promise((resolve) => server.close(() => resolve()));
  return { port: (server.address() as AddressInfo).port, close };
}

/** Ports that nobody listens on, below the range from which the system gives out ports to everybody else. */
async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) {
    const port = randomInt(20_000, 32_000);
    const server = createServer();
    const free = await new Promise<boolean>((resolve) => server.once('error', () => resolve(false)).listen(port, '127.0.0.1', () => resolve(true)));
    if (free) ports.add(port);
    await new Promise((resolve) => server.close(resolve));
  }
  return [...ports];
}

async function reachable(port: number): Promise<void> {
  for (let left = 300; ; left--) {
    const there = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false));
      socket.on('connect', () => socket.destroy());
    });
    if (there) return;
    if (left === 0) throw new Error(`nothing listens on port ${port}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function idOf(user: string, what: '-u' | '-g' = '-u'): number {
  return Number(execFileSync('id', [what, user], { encoding: 'utf8' }));
}
