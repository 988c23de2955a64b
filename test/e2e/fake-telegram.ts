import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sleep } from '../support/watching.ts';

export interface SentMessage {
  messageId: string;
  chatId: string;
  text: string;
}

/** How long a poll for updates is held open: long enough that the gateway does not ask all the time. */
const POLL_MS = 2_000;
export const SLOW_MS = 10_000;
const BOT = { id: 4242, is_bot: true, first_name: 'Loopback', username: 'loopback_bot' };

/** The little of the Telegram Bot API (https://core.telegram.org/bots/api) that a gateway needs, on 127.0.0.1. */
export class FakeTelegram {
  /** Every `sendMessage` that it answered, in order. */
  readonly sent: SentMessage[] = [];
  /** `hang`: takes a message, and never answers; `slow`: answers it {@link SLOW_MS} later. */
  mode: 'ok' | 'hang' | 'slow' = 'ok';
  /** How many `sendMessage` came in, answered or not. */
  asked = 0;
  port = 0;
  #server: Server | undefined;
  #nextId = 1000;

  /** Listens; the second time on the same port again. */
  async start(): Promise<void> {
    const server = createServer((request, response) => void this.#answer(request, response));
    server.listen(this.port, '127.0.0.1');
    await once(server, 'listening');
    this.port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  /** From now on connections are refused. */
  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (!server) return;
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const method = /^\/bot[^/]+\/(\w+)/.exec(request.url ?? '')?.[1] ?? '';
    const params = await paramsOf(request);
    if (method === 'sendMessage') this.asked++;
    if (method === 'sendMessage' && this.mode === 'hang') return;
    const result = await this.#resultOf(method, params);
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ ok: true, result }));
  }

  async #resultOf(method: string, params: Record<string, unknown>): Promise<unknown> {
    switch (method) {
      case 'getMe':
        return BOT;
      case 'getUpdates':
        await sleep(POLL_MS);
        return [];
      case 'sendMessage': {
        const message = { messageId: String(this.#nextId++), chatId: String(params['chat_id']), text: String(params['text']) };
        this.sent.push(message);
        if (this.mode === 'slow') await sleep(SLOW_MS);
        const chat = { id: Number(message.chatId), type: 'private' };
        return { message_id: Number(message.messageId), date: Math.floor(Date.now() / 1000), chat, from: BOT, text: message.text };
      }
      default:
        return true;
    }
  }
}

async function paramsOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of request) chunks.push(chunk as Buffer);
  } catch {
    // The gateway hung up.
  }
  const text = Buffer.concat(chunks).toString('utf8');
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return Object.fromEntries(new URLSearchParams(text));
  }
}
