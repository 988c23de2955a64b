import { connect, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import SMTPConnection, { type SMTPConnectionOptions, type SMTPConnectionSendInfo } from 'nodemailer/lib/smtp-connection';
import type { Mail } from './mail.ts';
import { isLoopback, type Server } from './settings.ts';

export type Ended =
  /** The server took custody. `reports`: it was asked for delivery reports, and offers them. */
  | { kind: 'accepted'; answer: string; reports: boolean }
  /** The server said no, with the code of RFC 5321, section 4.2.1. The message is not in its hands. */
  | { kind: 'refused'; code: number; answer: string }
  /** It broke off. `handedOver`: the end of the message may have reached the server, so the server may have it. */
  | { kind: 'broken'; handedOver: boolean; why: string };

/** Longer than any time limit of an attempt, which is what ends a session. */
const NEVER_MS = 3_600_000;
/** How long the server may take to answer QUIT before we hang up. */
const GOODBYE_MS = 2_000;
const MAX_ANSWER_BYTES = 64 * 1024;

/** A session in which no mail was begun: the server would have heard of one now. */
export interface Greeted {
  kind: 'greeted';
  secure: boolean;
}

/** One session for one mail. Never rejects; settles at once when `signal` fires, with the connection destroyed. `open` holds its socket while it lives. */
export function deliver(mail: Mail, server: Server, signal: AbortSignal, open: Set<Socket>): Promise<Ended> {
  return hold<Ended>(server, signal, open, (smtp, { failed, settle, handOver }) => {
    const answered = (info: SMTPConnectionSendInfo | undefined): void => settle(acceptedOr(info, handOver.done));
    smtp.send(envelopeFor(mail), messageStream(mail, handOver), (error, info) => (error ? failed(error) : answered(info)));
  });
}

/** The same session as far as a mail would begin: greeting, TLS, login as it is set up; then QUIT. */
export function greet(server: Server, signal: AbortSignal, open: Set<Socket>): Promise<Ended | Greeted> {
  return hold<Ended | Greeted>(server, signal, open, (smtp, { settle }) => settle({ kind: 'greeted', secure: smtp.secure }));
}

/** What is done with a session that is ready, and how it comes to its end. */
interface Held<T> {
  settle: (ended: T) => void;
  failed: (error: SmtpError) => void;
  handOver: { done: boolean };
}

function hold<T extends Ended | Greeted>(
  server: Server,
  signal: AbortSignal,
  open: Set<Socket>,
  begin: (smtp: SMTPConnection, held: Held<T | Ended>) => void,
): Promise<T | Ended> {
  if (signal.aborted) return Promise.resolve({ kind: 'broken', handedOver: false, why: 'cut off before it began' });
  return new Promise((resolve) => {
    const handOver = { done: false };
    let connection: SMTPConnection | undefined;
    const socket = connect({ host: server.host, port: server.port });
    open.add(socket);
    socket.once('close', () => open.delete(socket));

    const settle = (ended: T | Ended): void => {
      signal.removeEventListener('abort', onAbort);
      resolve(ended);
      if (ended.kind === 'broken' || !connection) socket.destroy();
      else takeLeave(connection, socket);
    };
    const broken = (why: string): void => settle({ kind: 'broken', handedOver: handOver.done, why });
    const failed = (error: SmtpError): void => settle(endOf(error, handOver.done));
    function onAbort(): void {
      broken(handOver.done ? 'cut off by the time limit before the server answered' : 'cut off by the time limit');
    }
    signal.addEventListener('abort', onAbort, { once: true });

    // A socket without a listener for errors would throw them after we have settled.
    socket.on('error', (error: SmtpError) => broken(wordsFor(error)));
    socket.once('connect', () => {
      const smtp = new SMTPConnection(optionsFor(server, socket));
      connection = smtp;
      smtp.on('error', failed);
      // The server hung up while nothing was asked of it. Whoever was asked for something is told first, and why.
      smtp.once('end', () => setImmediate(() => broken('the server closed the connection')));
      const submit = (): void => begin(smtp, { settle, failed, handOver });
      smtp.connect((error) => {
        if (error) return failed(error);
        const certain = server.tls === 'implicit' || server.tls === 'required';
        if (certain && !smtp.secure) return broken('the connection is not encrypted');
        if (!server.login) return submit();
        if (!smtp.secure && !isLoopback(server.host)) return broken('no password goes over a connection that is not encrypted');
        smtp.login(server.login, (refusal) => (refusal ? failed(refusal) : submit()));
      });
    });
  });
}

/** The message. Nodemailer writes the final dot after this has ended, never before: from then on the server may have it. */
function messageStream(mail: Mail, handOver: { done: boolean }): Readable {
  const parts = function* (): Generator<Buffer> {
    yield mail.bytes;
    handOver.done = true;
  };
  return Readable.from(parts(), { objectMode: false });
}

function acceptedOr(info: SMTPConnectionSendInfo | undefined, handedOver: boolean): Ended {
  if (!info || !handedOver) return { kind: 'broken', handedOver, why: 'the server answered before it had the message' };
  const reports = (info.ehlo ?? []).some((line) => /^DSN\b/i.test(line));
  return { kind: 'accepted', answer: info.response, reports };
}

function optionsFor({ host, port, tls, ca, hello }: Server, socket: Socket): SMTPConnectionOptions {
  return {
    connection: socket,
    host,
    port,
    secure: tls === 'implicit',
    requireTLS: tls === 'required',
    ignoreTLS: tls === 'none',
    opportunisticTLS: tls === 'opportunistic',
    // Where plain text would do as well, a certificate that nobody vouches for is still better (RFC 7435).
    tls: { rejectUnauthorized: tls !== 'opportunistic', ...(ca === undefined ? {} : { ca }) },
    ...(hello === undefined ? {} : { name: hello }),
    connectionTimeout: NEVER_MS,
    greetingTimeout: NEVER_MS,
    socketTimeout: NEVER_MS,
    socketCloseTimeout: GOODBYE_MS,
    maxResponseSize: MAX_ANSWER_BYTES,
    logger: false,
  };
}

/** RFC 3461: what the server shall report, and under which id. Nodemailer leaves it out where the server does not offer it. */
function envelopeFor({ from, to, envelopeId }: Mail): Parameters<SMTPConnection['send']>[0] {
  return { from, to, dsn: { ret: 'HDRS', envid: envelopeId ?? null, notify: ['SUCCESS', 'FAILURE', 'DELAY'], orcpt: `rfc822;${to}` } };
}

/** Says QUIT, and hangs up if nobody answers. */
function takeLeave(connection: SMTPConnection, socket: Socket): void {
  const timer = setTimeout(() => socket.destroy(), GOODBYE_MS);
  socket.once('close', () => clearTimeout(timer));
  if (socket.destroyed || connection.destroyed) socket.destroy();
  else connection.quit();
}

interface SmtpError extends Error {
  /** Nodemailer's: which step failed. */
  code?: string | undefined;
  /** OpenSSL's own words. */
  reason?: string | undefined;
  /** The system's, where nodemailer put its own in its place. */
  originalCode?: string | undefined;
  response?: string | undefined;
  responseCode?: number | undefined;
}

function endOf(error: SmtpError, handedOver: boolean): Ended {
  const { code, responseCode, response = '' } = error;
  const answered = responseCode !== undefined && responseCode >= 400 && responseCode < 600;
  // After the end of the message only its own whole answer counts, not a fragment or a line that belongs to nothing.
  // Without TLS where it is required, nothing was even offered to the server.
  if (answered && code !== 'ETLS' && (!handedOver || code === 'EMESSAGE')) return { kind: 'refused', code: responseCode, answer: response };
  return { kind: 'broken', handedOver, why: wordsFor(error) };
}

const ERROR_WORDS: Record<string, string> = {
  ECONNREFUSED: 'connection refused',
  ENOTFOUND: 'the host name is not known',
  EAI_AGAIN: 'the host name cannot be looked up now',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
  ETIMEDOUT: 'it took too long',
  ECONNRESET: 'the connection was reset',
  EPIPE: 'the connection was closed while we wrote',
  ECONNECTION: 'the server closed the connection',
  EPROTOCOL: 'the answer is not SMTP',
  ETLS: 'no TLS',
};

/** What the error says in our words, and what the server or the TLS library said to it. */
function wordsFor(error: SmtpError): string {
  const code = error.originalCode ?? error.code ?? error.name;
  const words = ERROR_WORDS[code] ?? ERROR_WORDS[error.code ?? ''] ?? (isTlsCode(code) ? 'no TLS' : 'the session failed');
  return `${words} (${code})${error.response ? `: ${error.response}` : isTlsCode(code) || error.code === 'ETLS' ? `: ${error.reason ?? error.message}` : ''}`;
}

/** Node's and OpenSSL's codes for a certificate or handshake that failed. */
function isTlsCode(code: string): boolean {
  return /^(ERR_(SSL|TLS)_|CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|EPROTO$)/.test(code);
}
