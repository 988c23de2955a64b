import type { LookupAddress } from 'node:dns';
import type { Agent, AgentOptions, ClientRequest, RequestOptions } from 'node:http';
import type { LookupFunction, Socket, TcpNetConnectOpts } from 'node:net';
import { connect as connectSocket } from 'node:net';
import { familyOf } from './addresses.ts';
import type { Guard } from './guard.ts';

/**
 * How long an idle connection is kept, in milliseconds. A server that closes it at the moment of the next request leaves that request
 * ambiguous, so we let go first: earlier than the common servers (gunicorn 2 s, Node and Apache 5 s, nginx 75 s).
 * Where a server announces a shorter `Keep-Alive: timeout`, Node's agent keeps that.
 */
export const IDLE_MS = 1_000;

/** How names become addresses and addresses become connections; tests put their own in the place of the system's. */
export interface Network {
  lookup?: LookupFunction;
  connect?: (options: TcpNetConnectOpts) => Socket;
}

export interface ConnectionOptions {
  guard: Guard;
  network?: Network | undefined;
  /** Certificates to trust instead of the system's. */
  ca?: string;
}

type Start = (url: URL, options: RequestOptions) => ClientRequest;
type Scheme = { start: Start; agent: Agent };
type Place = { host: string; port: number; cutOff: AbortSignal };

/**
 * Connections that are kept open between attempts; each protocol is loaded when a URL first needs it. A request gets its connection
 * when that is established, TLS included, and the guard has seen the address at its other end: until then no byte of it can have left.
 */
export class Connections {
  readonly #options: ConnectionOptions;
  #http: Scheme | undefined;
  #https: Scheme | undefined;

  constructor(options: ConnectionOptions) {
    this.#options = options;
  }

  /** A request that is not sent yet. `cutOff` ends the making of its connection. */
  async start(url: URL, options: RequestOptions, cutOff: AbortSignal): Promise<ClientRequest> {
    // Asking again for a module that is loaded takes longer than anything else here.
    const { start, agent } = url.protocol === 'https:' ? (this.#https ?? (await this.#secure())) : (this.#http ?? (await this.#plain()));
    if (Object.keys(agent.freeSockets).length > 0) await seeWhichEnded();
    letGoOfOld(agent);
    // The agent hands on to what makes a connection whatever stands in a request's options.
    return start(url, { ...options, agent, cutOff } as RequestOptions);
  }

  /** Makes the connection that a request to this URL would go over, and ends it before anything is sent. */
  async reach(url: URL, cutOff: AbortSignal): Promise<void> {
    const isSecure = url.protocol === 'https:';
    const to = { host: unbracketed(url.hostname), port: Number(url.port || (isSecure ? 443 : 80)), cutOff };
    const socket = isSecure ? await this.#connectSecurely(to, await import('node:tls')) : await this.#connect(to);
    socket.destroy();
  }

  close(): void {
    this.#http?.agent.destroy();
    this.#https?.agent.destroy();
  }

  async #plain(): Promise<Scheme> {
    const { Agent, request } = await import('node:http');
    this.#http ??= { start: request, agent: guarded(new Agent(KEPT), (to) => this.#connect(to)) };
    return this.#http;
  }

  async #secure(): Promise<Scheme> {
    const [{ Agent, request }, tls] = await Promise.all([import('node:https'), import('node:tls')]);
    this.#https ??= { start: request, agent: guarded(new Agent(KEPT), (to) => this.#connectSecurely(to, tls)) };
    return this.#https;
  }

  async #connectSecurely(to: Place, tls: typeof import('node:tls')): Promise<Socket> {
    const trust = this.#options.ca === undefined ? {} : { ca: this.#options.ca };
    const socket = await this.#connect(to);
    const name = familyOf(to.host) === 0 ? { servername: to.host } : {};
    const secure = tls.connect({ socket, host: to.host, ...name, ...trust, ALPNProtocols: ['http/1.1'] });
    return established(secure, 'secureConnect', to.cutOff);
  }

  /** The address is checked where it is written out, where a name is looked up, and once more at the connection that was really made. */
  async #connect({ host, port, cutOff }: Place): Promise<Socket> {
    const { guard, network } = this.#options;
    if (familyOf(host) !== 0) guard.check(host, host);
    const socket = (network?.connect ?? connectSocket)({ host, port, noDelay: true, lookup: this.#lookup(host) });
    await established(socket, 'connect', cutOff);
    try {
      if (socket.remoteAddress === undefined) throw failure('ECONNRESET');
      guard.check(host, socket.remoteAddress);
      return socket;
    } catch (refused) {
      socket.destroy();
      throw refused;
    }
  }

  /** Names are looked up as usual; of what comes back, only what the guard allows is tried. */
  #lookup(host: string): LookupFunction {
    const { guard, network } = this.#options;
    return (name, options, callback) => {
      void this.#addresses(name, options, network?.lookup).then(
        (found) => {
          const refused = found.map(({ address }) => refusal(guard, host, address));
          const open = found.filter((_, index) => refused[index] === null);
          const [first] = open;
          if (first === undefined) callback(refused[0] ?? failure('ENOTFOUND'), '', 0);
          else if (options.all) callback(null, open);
          else callback(null, first.address, first.family);
        },
        (error: NodeJS.ErrnoException) => callback(error, '', 0),
      );
    };
  }

  async #addresses(name: string, options: Parameters<LookupFunction>[1], lookup?: LookupFunction): Promise<LookupAddress[]> {
    const ask = lookup ?? (await import('node:dns')).lookup;
    return new Promise((resolve, reject) => {
      ask(name, { ...options, all: true }, (error: NodeJS.ErrnoException | null, found: string | LookupAddress[], family?: number) => {
        if (error) reject(error);
        else resolve(typeof found === 'string' ? [{ address: found, family: family ?? familyOf(found) }] : found);
      });
    });
  }
}

const KEPT: AgentOptions = { keepAlive: true, timeout: IDLE_MS, scheduling: 'lifo' };

/** When each connection that waits was used last, in milliseconds of the steady clock. */
const idleSince = new WeakMap<object, number>();

/**
 * The agent's own timer comes too late after a long stretch of work in which no timer ran: by then the server may have closed what
 * we are about to use.
 */
function letGoOfOld({ freeSockets }: Agent): void {
  const oldest = performance.now() - IDLE_MS;
  for (const sockets of Object.values(freeSockets)) {
    const old = sockets?.filter((socket) => (idleSince.get(socket) ?? 0) < oldest) ?? [];
    // At once out of its hands: it takes the last one without asking whether that is destroyed.
    for (const socket of old) sockets?.splice(sockets.indexOf(socket), 1)[0]?.destroy();
  }
}

let look: Promise<void> | null = null;

/**
 * Where this process stood still for a while, an answer and the end of its connection came in meanwhile, and they are read in two turns
 * of the event loop: a connection that looks free in the first may be closed. Requests that begin in one turn look together.
 */
function seeWhichEnded(): Promise<void> {
  look ??= new Promise((resolve) => {
    setImmediate(() => {
      look = null;
      setImmediate(resolve);
    });
  });
  return look;
}

/** A URL's IPv6 address has brackets; a socket wants none. */
const unbracketed = (host: string): string => host.replace(/^\[|\]$/g, '');

const failure = (code: string): Error => Object.assign(new Error(code), { code });

function refusal(guard: Guard, host: string, address: string): Error | null {
  try {
    guard.check(host, address);
    return null;
  } catch (error) {
    return error as Error;
  }
}

/** An agent that waits for connections which somebody else makes. */
function guarded<T extends Agent>(agent: T, make: (to: Place) => Promise<Socket>): T {
  const createConnection = (
    { host, port, cutOff }: Omit<Place, 'port'> & { port: number | string },
    made: (error: Error | null, socket?: Socket) => void,
  ): undefined => {
    make({ host: unbracketed(host), port: Number(port), cutOff }).then((socket) => made(null, socket), made);
  };
  agent.on('free', (socket) => idleSince.set(socket, performance.now()));
  return Object.assign(agent, { createConnection });
}

/** The socket at `event`; whatever ends it before is an error, and so is the cut-off. */
function established(socket: Socket, event: 'connect' | 'secureConnect', cutOff: AbortSignal): Promise<Socket> {
  // Between two owners, and while it dies, nobody else listens; what a socket says then must not be thrown.
  socket.on('error', () => {});
  return new Promise((resolve, reject) => {
    const stopListening = (): void => {
      cutOff.removeEventListener('abort', onCutOff);
      socket.off('error', fail).off('close', onClose).off(event, onEvent);
    };
    const fail = (error: Error): void => {
      stopListening();
      socket.destroy();
      reject(error);
    };
    const onEvent = (): void => {
      stopListening();
      resolve(socket);
    };
    const onClose = (): void => fail(failure('ECONNRESET'));
    const onCutOff = (): void => fail(failure('ABORT_ERR'));
    socket.on('error', fail).on('close', onClose).on(event, onEvent);
    if (cutOff.aborted) onCutOff();
    else cutOff.addEventListener('abort', onCutOff, { once: true });
  });
}
