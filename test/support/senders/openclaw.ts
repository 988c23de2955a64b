import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from '../loopback-attempt.ts';
import type { Scene, SenderHarness } from './harness.ts';

const STUB = join(import.meta.dirname, '../../openclaw/stub.mjs');

/** What `test/openclaw/stub.mjs` does with one call. */
export type StubAnswer =
  | { file: string; stderr?: string; exit: number }
  | { print: string; exit: number }
  | { flood: number; exit: number }
  | { hang: true };

interface StubCall {
  argv: string[];
  params: { channel: string; to: string; message: string; idempotencyKey: string };
  token: string;
  env: string[];
}

/** A file of test/fixtures/openclaw: what the real one printed. */
export const recorded = (name: string): string => join(import.meta.dirname, '../../fixtures/openclaw', name);

export interface StubScene extends Scene {
  calls(): StubCall[];
}

/** The sender's settings for a stub that gives these answers, one a call; its token is the canary. */
export function openClawStub(context: TestContext, answers: StubAnswer[], canary = 'not-a-secret'): StubScene {
  const log = join(context.workspace, 'calls.ndjson');
  context.secrets['TOKEN'] = canary;
  const calls = (): StubCall[] =>
    existsSync(log)
      ? readFileSync(log, 'utf8')
          .split('\n')
          // The file is there a moment before its first line is.
          .filter((line) => line !== '')
          .map((line) => JSON.parse(line) as StubCall)
      : [];
  return {
    config: {
      argv: [process.execPath, STUB],
      channel: 'telegram',
      to: '555001',
      token: { env: 'TOKEN' },
      env: { STUB_LOG: log, STUB_ANSWERS: JSON.stringify(answers) },
    },
    calls,
    delivered: () => calls().map(({ params }) => params.idempotencyKey),
    close: async () => {},
  };
}

const echo = (code: string): string => JSON.stringify({ ok: false, error: { type: 'gateway_request_error', code, message: 'no: $TOKEN' } });
const unreachable = JSON.stringify({
  ok: false,
  error: { type: 'gateway_transport_error', kind: 'closed', message: 'no gateway for $TOKEN', reason: 'connect ECONNREFUSED 127.0.0.1:1' },
});

export const openclaw: SenderHarness = {
  succeeds: async (context, canary) => openClawStub(context, [{ file: recorded('gwcall-send-ok.json'), exit: 0 }], canary),
  hangs: async (context) => openClawStub(context, [{ hang: true }]),
  refuses: async (context, canary) => openClawStub(context, [{ print: echo('INVALID_REQUEST'), exit: 1 }], canary),
  failsForNow: async (context, canary) => openClawStub(context, [{ print: unreachable, exit: 1 }], canary),
  echoesSecrets: async (context, canary) => openClawStub(context, [{ print: '{"runId":"$TOKEN","messageId":"id/$TOKEN"}', exit: 0 }], canary),
};
