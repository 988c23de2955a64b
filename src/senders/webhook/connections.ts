import type { Agent, ClientRequest, RequestOptions } from 'node:http';

/**
 * How long an idle connection is kept, in milliseconds. A server that closes it at the moment of the next request leaves that request
 * ambiguous, so we let go first: earlier than the common servers (gunicorn 2 s, Node and Apache 5 s, nginx 75 s).
 * Where a server announces a shorter `Keep-Alive: timeout`, Node's agent keeps that.
 */
export const IDLE_MS = 1_000;

type Start = (url: URL, options: RequestOptions) => ClientRequest;
type Scheme = { start: Start; agent: Agent };

/** Connections that are kept open between attempts; each protocol is loaded when a URL first needs it. */
export class Connections {
  readonly #ca: string | undefined;
  #http: Scheme | undefined;
  #https: Scheme | undefined;

  /** `ca`: certificates to trust instead of the system's. */
  constructor(ca?: string) {
    this.#ca = ca;
  }

  async start(url: URL, options: RequestOptions): Promise<ClientRequest> {
    const { start, agent } = url.protocol === 'https:' ? await this.#secure() : await this.#plain();
    return start(url, { ...options, agent });
  }

  close(): void {
    this.#http?.agent.destroy();
    this.#https?.agent.destroy();
  }

  async #plain(): Promise<Scheme> {
    const { Agent, request } = await import('node:http');
    this.#http ??= { start: request, agent: new Agent({ keepAlive: true, timeout: IDLE_MS, scheduling: 'lifo' }) };
    return this.#http;
  }

  async #secure(): Promise<Scheme> {
    const { Agent, request } = await import('node:https');
    const trust = this.#ca === undefined ? {} : { ca: this.#ca };
    this.#https ??= { start: request, agent: new Agent({ keepAlive: true, timeout: IDLE_MS, scheduling: 'lifo', ...trust }) };
    return this.#https;
  }
}
