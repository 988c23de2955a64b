import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Received } from '../chaos/receiver.ts';

/** Takes every message, and answers when it is let: those of before {@link answerFromNowOn} are held until {@link release}. */
export class HeldReceiver {
  readonly log: Received[] = [];
  readonly #held: (() => void)[] = [];
  #holds = true;
  readonly #server = createServer((request, response) => {
    request.on('error', () => {});
    response.on('error', () => {});
    request.resume().on('end', () => {
      const { url = '', headers } = request;
      const reference = `m-${this.log.length + 1}`;
      const sender = url.split('/').pop() ?? '';
      this.log.push({ sender, key: String(headers['webhook-id']), attempt: Number(headers['rgov-attempt']), taken: true, reference });
      this.#answer(response, reference);
    });
  });

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get attempts(): number[] {
    return this.log.map(({ attempt }) => attempt);
  }

  async listen(): Promise<this> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return this;
  }

  /** What comes in from now on is answered at once. */
  answerFromNowOn(): void {
    this.#holds = false;
  }

  /** Answers what has waited so far. */
  release(): void {
    for (const answer of this.#held.splice(0)) answer();
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  #answer(response: ServerResponse, reference: string): void {
    const answer = (): void => void response.end(JSON.stringify({ id: reference }));
    if (this.#holds) this.#held.push(answer);
    else answer();
  }
}
