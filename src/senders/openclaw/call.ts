import { RgovError } from '../../model/errors.ts';
import type { Attempt } from '../../model/outcome.ts';
import { parseDurationMs } from '../../model/time.ts';
import type { AttemptSecrets, Setting } from '../attempt-secrets.ts';
import type { Command } from '../child-process/child.ts';
import { childEnvironment } from '../child-process/environment.ts';
import { MEASURES, messageText } from '../message.ts';
import type { SenderContext } from '../sender.ts';

export interface OpenClawSettings {
  argv?: string[];
  channel: string;
  to?: string;
  accountId?: string;
  token?: Setting;
  password?: Setting;
  timeout?: string;
  maxLength?: number;
  env?: Record<string, Setting>;
}

/** A channel that hangs is given up by the gateway after 70 s (measured); its own answer says more than our time limit. */
const TIMEOUT_MS = 90_000;
/** Telegram takes 4096 characters; OpenClaw splits at 4000 and counts the markup that it adds, so that a text full of it is split all the same. */
const MAX_LENGTH = 3_500;

/** One call of the gateway's method `send`. Throws {@link RgovError} `invalid_documents` where a setting or a secret is missing. */
export function callFor(settings: OpenClawSettings, attempt: Attempt, context: SenderContext, secrets: AttemptSecrets): Command {
  const to = settings.to ?? attempt.address;
  if (to === undefined) throw new RgovError('invalid_documents', 'neither `with.to` of the sender nor `address` of the target names a recipient');
  const env = childEnvironment(context.env, settings.env ?? {}, attempt, secrets);
  for (const [name, setting] of [
    ['OPENCLAW_GATEWAY_TOKEN', settings.token],
    ['OPENCLAW_GATEWAY_PASSWORD', settings.password],
  ] as const) {
    if (setting !== undefined) env[name] = secrets.reveal(setting).trim();
  }
  const parameters = {
    channel: settings.channel,
    to,
    ...(settings.accountId === undefined ? {} : { accountId: settings.accountId }),
    message: textFor(attempt, settings.maxLength ?? MAX_LENGTH),
    idempotencyKey: attempt.idempotencyKey,
  };
  const timeout_ms = settings.timeout === undefined ? TIMEOUT_MS : (parseDurationMs(settings.timeout) ?? TIMEOUT_MS);
  const [program = 'openclaw', ...first] = settings.argv ?? [];
  return {
    argv: [program, ...first, 'gateway', 'call', 'send', '--params', JSON.stringify(parameters), '--json', '--timeout', String(timeout_ms)],
    cwd: context.workspace,
    env,
    input: '',
  };
}

/** Without the acknowledgement link: parameters go in as an argument, which every user of the machine can read, and the link is a secret. */
function textFor({ acknowledgeUrl: _, ...attempt }: Attempt, max: number): string {
  return messageText(attempt, { max, measure: MEASURES.characters });
}
