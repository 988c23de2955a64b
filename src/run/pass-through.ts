import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, rmSync, write } from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Readable, Writable } from 'node:stream';
import { isErrno } from '../model/errors.ts';

/** After the command has ended, output of its grandchildren is waited for no longer than this. */
const DRAIN_MS = 2_000;
const TICK_MS = 50;
/** What a pipe can still hold when its writer ends: the most that Linux allows without privileges. */
const MAX_PIPE_BYTES = 1024 * 1024;
const AGAIN_MS = 5;

interface OutputPipe {
  source: Readable;
  /** What the child gets as its descriptor; the caller closes it when the child has been started. */
  childEnd: number;
}

/**
 * Pipes for a child's output, or null where none can be made. Node itself gives a child socket pairs: with those the
 * child cannot open /dev/stderr, and a reader that goes away is a reset connection instead of a broken pipe.
 */
export function createOutputPipes(count: number): OutputPipe[] | null {
  let folder: string | undefined;
  const opened: number[] = [];
  try {
    folder = mkdtempSync(join(tmpdir(), 'rgov-'));
    const paths = Array.from({ length: count }, (_, i) => join(folder as string, String(i)));
    execFileSync('mkfifo', ['-m', '600', ...paths], { stdio: 'ignore' });
    for (const path of paths) {
      opened.push(openSync(path, constants.O_RDONLY | constants.O_NONBLOCK), openSync(path, constants.O_WRONLY));
    }
    return paths.map((_, i) => ({
      source: new Socket({ fd: opened[2 * i] as number, readable: true, writable: false }),
      childEnd: opened[2 * i + 1] as number,
    }));
  } catch {
    for (const descriptor of opened) closeSync(descriptor);
    return null;
  } finally {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  }
}

/** Copies one stream of output to a descriptor of our own, byte for byte, no faster than it is read there. */
export class OutputPump {
  /** Fulfilled when all that was taken is written, or cannot be: with what went wrong, a reader that has gone aside. */
  readonly done: Promise<Error | null>;
  readonly #source: Readable;
  readonly #sink: Writable;
  #ended = false;
  #read_bytes = 0;
  #writes = 0;

  constructor(source: Readable, descriptor: number, onChunk: (chunk: Buffer) => void) {
    this.#source = source;
    // Written on the thread pool: process.stdout would block the event loop, and with it the signals, on a slow reader.
    this.#sink = new Writable({
      write: (chunk: Buffer, _encoding, callback) => {
        writeFully(descriptor, chunk, 0, (error) => {
          this.#writes++;
          callback(error);
        });
      },
    });
    source.on('data', (chunk: Buffer) => {
      this.#read_bytes += chunk.length;
      onChunk(chunk);
    });
    this.done = new Promise((resolve) => {
      const settle = (error: Error | null): void => {
        this.#ended = true;
        // Whoever reads our output has gone: the command learns it in the same way.
        source.destroy();
        resolve(error);
      };
      this.#sink.on('error', (error) => settle(isErrno(error, 'EPIPE') ? null : error));
      this.#sink.on('finish', () => settle(null));
    });
    source.on('error', () => this.#sink.end());
    source.pipe(this.#sink);
  }

  /** To be called when the writer has ended: grandchildren may hold the pipe open, and must not do so for ever. */
  drain(): void {
    const readBefore_bytes = this.#read_bytes;
    let writesBefore = this.#writes;
    let waited_ms = 0;
    let drained = false;
    const timer = setInterval(() => {
      if (this.#ended) return clearInterval(timer);
      const empty = this.#sink.writableLength === 0 && this.#source.readableLength === 0;
      drained ||= empty || this.#read_bytes - readBefore_bytes > MAX_PIPE_BYTES;
      // While our own reader takes nothing, the time is not the grandchildren's.
      if (empty || this.#writes !== writesBefore) waited_ms += TICK_MS;
      writesBefore = this.#writes;
      if (!drained || waited_ms < DRAIN_MS) return;
      clearInterval(timer);
      this.#source.unpipe(this.#sink);
      this.#source.destroy();
      this.#sink.end();
    }, TICK_MS);
  }
}

function writeFully(descriptor: number, chunk: Buffer, offset: number, done: (error: Error | null) => void): void {
  write(descriptor, chunk, offset, chunk.length - offset, null, (error, written) => {
    // Somebody who shares this descriptor made it non-blocking.
    if (isErrno(error, 'EAGAIN')) setTimeout(() => writeFully(descriptor, chunk, offset, done), AGAIN_MS);
    else if (error) done(error);
    else if (offset + written < chunk.length) writeFully(descriptor, chunk, offset + written, done);
    else done(null);
  });
}
