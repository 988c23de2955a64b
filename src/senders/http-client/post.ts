import type { ClientRequest, IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { messageOf } from '../../model/errors.ts';
import type { Connections } from './connections.ts';
import { decoded, MAX_ANSWER_BYTES } from './decode.ts';
import { RefusedAddress } from './guard.ts';

export interface HttpRequest {
  /** Default: POST. */
  method?: string;
  url: URL;
  headers: Record<string, string | number>;
  body: Buffer;
  /** How much of the answer is read, and how much it may decompress to; 64 KiB if it is not said. */
  maxAnswerBytes?: number;
}

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  /** Decompressed, at most `maxAnswerBytes`. */
  body: Buffer;
  /** There was more than that, or it could not be decompressed. */
  cut: boolean;
}

export type Posted =
  | ({ kind: 'answered' } & Answer)
  /** No connection was established, so no byte of the request left. */
  | { kind: 'unsent'; why: string }
  /** The same, and it stays so: the binding does not allow that address. */
  | { kind: 'refused'; why: string }
  /** The connection was there, and no whole answer came back: the receiver may have the notice. */
  | { kind: 'lost'; why: string };

/** One request, one answer, no redirect followed, nothing tried again. Never rejects; settles at once when `signal` fires. */
export async function post(request: HttpRequest, connections: Connections, signal: AbortSignal): Promise<Posted> {
  let started: ClientRequest;
  try {
    const headers = { ...request.headers, 'accept-encoding': 'identity' };
    started = await connections.start(request.url, { method: request.method ?? 'POST', headers }, signal);
  } catch (error) {
    // Node refuses what cannot stand in a request, such as a header with a newline; its message does not quote the value.
    return { kind: 'unsent', why: messageOf(error) };
  }
  return converse(started, request, signal);
}

function converse(request: ClientRequest, { body, maxAnswerBytes = MAX_ANSWER_BYTES }: HttpRequest, signal: AbortSignal): Promise<Posted> {
  return new Promise((resolve) => {
    // From here on bytes of the request may have left, and nothing that fails afterwards proves that they did not arrive. That holds
    // for a kept connection, too, that the server closed meanwhile: a reset looks the same whether it was read before or not.
    let established = false;
    const settle = (posted: Posted): void => {
      signal.removeEventListener('abort', onAbort);
      resolve(posted);
    };
    const fail = (why: string): void => settle({ kind: established ? 'lost' : 'unsent', why });
    function onAbort(): void {
      fail(established ? 'cut off by the time limit before a whole answer came' : 'cut off by the time limit while connecting');
      request.destroy();
    }

    request.on('socket', (socket) => {
      // Closed before it took a byte; its own farewell has been missed.
      if (socket.destroyed) request.destroy(Object.assign(new Error('closed'), { code: 'ECONNRESET' }));
      else established = true;
    });
    let status: number | undefined;
    request.on('response', (response) => {
      status = response.statusCode;
      readAnswer(response, request, maxAnswerBytes, settle, fail);
    });
    request.on('error', (error) => {
      if (error instanceof RefusedAddress) settle({ kind: 'refused', why: error.message });
      else fail(wordsFor(error, established));
    });
    // An upgrade that nobody asked for ends in no event but this.
    request.on('close', () => fail(status === undefined ? 'the connection was closed without an answer' : brokenOff(status)));
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    request.end(body);
  });
}

function readAnswer(
  response: IncomingMessage,
  request: ClientRequest,
  most: number,
  settle: (posted: Posted) => void,
  fail: (why: string) => void,
): void {
  const chunks: Buffer[] = [];
  let size = 0;
  const answered = (cut: boolean): Posted => {
    const { headers, statusCode: status = 0 } = response;
    const raw = Buffer.concat(chunks).subarray(0, most);
    return { kind: 'answered', status, headers, ...decoded({ body: raw, cut }, headers['content-encoding'], most) };
  };
  response.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    size += chunk.length;
    if (size <= most) return;
    settle(answered(true));
    request.destroy();
  });
  response.on('end', () => settle(answered(false)));
  // An answer that breaks off before its announced end is an error, never an end.
  response.on('error', () => fail(brokenOff(response.statusCode)));
}

const brokenOff = (status: number | undefined): string => `the answer broke off after status ${status}`;

const ERROR_WORDS: Record<string, string> = {
  ECONNREFUSED: 'connection refused',
  ENOTFOUND: 'the host name is not known',
  EAI_AGAIN: 'the host name cannot be looked up now',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
  ETIMEDOUT: 'connecting took too long',
  ECONNRESET: 'the connection was reset',
  EPIPE: 'the connection was closed while we wrote',
};

/** Never the error's own message: that one names hosts and quotes what came in. */
export function wordsFor(error: Error, established: boolean): string {
  const code = 'code' in error ? String(error.code) : error.name;
  const words =
    ERROR_WORDS[code] ?? (code.startsWith('HPE_') ? 'the answer is not HTTP' : established ? 'the connection failed' : 'connecting failed');
  return `${words} (${code})`;
}
