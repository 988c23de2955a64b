import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { eventually, sleep } from '../../support/watching.ts';
import type { Random } from './random.ts';

/** What a receiver does with one request. The first four take the message, whatever they answer then. */
type Mood = 'answers' | 'answers slowly' | 'hangs up' | 'breaks off' | 'is overloaded' | 'asks to wait';

/** One request as the receiver saw it. */
export interface Received {
  /** The last part of the path: one for each sender. */
  sender: string;
  key: string;
  attempt: number;
  /** Whether a human has the message now. */
  taken: boolean;
  /** The id by which the receiver referred to it; null where it sent no whole answer. */
  reference: string | null;
}

const MOST_SLOW_MS = 400;
const LONGEST_AWAY_MS = 400;

/** A receiver on loopback that is never the same twice: quick, slow, overloaded, rude, or not there at all. */
export class MoodyReceiver {
  readonly log: Received[] = [];
  readonly moods = new Map<Mood | 'is away', number>();
  #server: Server;
  #port = 0;
  readonly #random: Random;
  readonly #weights: Record<Mood, number>;
  #isCalm = false;

  constructor(random: Random, weights: Partial<Record<Mood, number>> = {}) {
    this.#random = random;
    this.#weights = { answers: 70, 'answers slowly': 12, 'hangs up': 4, 'breaks off': 3, 'is overloaded': 8, 'asks to wait': 1, ...weights };
    this.#server = this.#create();
  }

  get origin(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  async listen(): Promise<this> {
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
    return this;
  }

  /** Refuses connections for a moment; what is under way is cut off. */
  async goAway(): Promise<void> {
    this.#count('is away');
    this.close();
    await sleep(this.#random.between(0, LONGEST_AWAY_MS));
    this.#server = this.#create();
    // Another program may have been given the port meanwhile, for as long as it needs one.
    await eventually('the port of before', () =>
      this.listen().then(
        () => true,
        () => false,
      ),
    );
  }

  /** From now on every message is taken and answered at once. */
  calm(): void {
    this.#isCalm = true;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  #create(): Server {
    return createServer((request, response) => {
      // Whoever is killed leaves a broken connection behind.
      request.on('error', () => {});
      response.on('error', () => {});
      request.resume().on('end', () => this.#receive(request, response));
    });
  }

  #receive({ url, headers }: IncomingMessage, response: ServerResponse): void {
    const mood = this.#isCalm ? 'answers' : this.#random.weighted(this.#weights);
    this.#count(mood);
    const isRefusal = mood === 'is overloaded' || mood === 'asks to wait';
    const isAnswered = mood === 'answers' || mood === 'answers slowly';
    const received: Received = {
      sender: (url ?? '').split('/').pop() ?? '',
      key: String(headers['webhook-id']),
      attempt: Number(headers['rgov-attempt']),
      taken: !isRefusal,
      reference: isAnswered ? `m-${this.log.length + 1}` : null,
    };
    this.log.push(received);
    const answer = (): void => void response.end(JSON.stringify({ id: received.reference }));
    if (mood === 'answers') answer();
    else if (mood === 'answers slowly') setTimeout(answer, this.#random.between(20, MOST_SLOW_MS));
    else if (mood === 'hangs up') response.socket?.destroy();
    else if (mood === 'breaks off') {
      response.writeHead(200, { 'content-length': 1_000 }).write('{"id":');
      setTimeout(() => response.socket?.destroy(), 5);
    } else response.writeHead(mood === 'asks to wait' ? 429 : 503, mood === 'asks to wait' ? { 'retry-after': '1' } : {}).end('not now');
  }

  #count(mood: Mood | 'is away'): void {
    this.moods.set(mood, (this.moods.get(mood) ?? 0) + 1);
  }
}
