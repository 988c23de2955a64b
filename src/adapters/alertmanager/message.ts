import { parseStrict } from '../../model/json.ts';
import { isObject, type JsonObject, quoted } from '../foreign.ts';

export type Opened = { ok: true; message: JsonObject; alerts: unknown[] } | { ok: false; reason: string };

/** What Alertmanager posts to a `webhook_config`, version "4" of it: one group of alerts. Payloads of one's own making (`payload:`) are something else. */
export function openMessage(input: Uint8Array): Opened {
  const parsed = parseStrict(input);
  if (!parsed.ok) return { ok: false, reason: parsed.detail };
  const message = parsed.value;
  if (!isObject(message)) return notAMessage(`this is ${quoted(message)}`);
  if (message['version'] !== '4') return notAMessage(`its version is ${quoted(message['version'])}`);
  if (!Array.isArray(message['alerts'])) return notAMessage(`its alerts are ${quoted(message['alerts'])}`);
  return { ok: true, message, alerts: message['alerts'] };
}

function notAMessage(found: string): Opened {
  return { ok: false, reason: `expected what Alertmanager posts to a webhook, an object of version "4" with a list "alerts"; ${found}` };
}
