import { fork } from 'node:child_process';
import { once } from 'node:events';

/** The webhook receiver of the benchmarks, a process of its own. */
export interface WebhookReceiver {
  port: number;
  /** Resolves when so many requests have come in all, with how many that were and their bytes. */
  seen(count: number): Promise<{ count: number; bytes: number }>;
  stop(): void;
}

export async function startReceiver(program: string): Promise<WebhookReceiver> {
  const child = fork(program, { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
  const [port] = await once(child.stdout as NodeJS.ReadableStream, 'data');
  return {
    port: Number(String(port).trim()),
    async seen(count) {
      const answer = once(child, 'message');
      child.send({ seen: count });
      return (await answer)[0] as { count: number; bytes: number };
    },
    stop: () => {
      if (child.connected) child.disconnect();
    },
  };
}
