import { parseStrict } from '../../model/json.ts';

/** What `openclaw gateway call send --json` says came of the message. Texts are as they came: not yet fit for an outcome. */
export type Answer =
  | { says: 'sent'; messageId: string }
  /** The runtime took the message and let it go: a hook cancelled it, or the channel produced nothing. */
  | { says: 'suppressed'; text: string }
  /** OpenClaw's own queue has it, and delivers it when it can, without being asked again. */
  | { says: 'queued'; text: string }
  /** Nobody listened: the call did not begin. */
  | { says: 'unreachable'; text: string }
  /** No answer in time; the call may still be running in the gateway. */
  | { says: 'timeout'; text: string }
  /** The gateway did not accept the call at all. */
  | { says: 'refused'; text: string }
  | { says: 'unknown'; text: string };

/** Codes that the gateway answers before it hands anything to a channel (OpenClaw's gateway protocol, schema/error-codes). */
const REFUSALS = new Set(['INVALID_REQUEST', 'FORBIDDEN', 'NOT_PAIRED']);
const NO_RESULT = /^Error: No delivery result$/;

/**
 * Reads an answer of OpenClaw 2026.9.6; test/fixtures/openclaw holds one of each sort. The exit status alone proves nothing: with 0 a hook may
 * have cancelled the message, and with 1 it may be on its way.
 */
export function readAnswer(status: number, stdout: string): Answer {
  const parsed = parseStrict(stdout.trim());
  if (!parsed.ok || !isObject(parsed.value)) return { says: 'unknown', text: `it exited with ${status} and printed no JSON that can be read` };
  const { value } = parsed;
  if (status === 0) return 'error' in value ? { says: 'unknown', text: 'it exited with 0 and printed an error' } : ofSuccess(value);
  return isObject(value['error']) ? ofError(value['error'], status) : { says: 'unknown', text: `it exited with ${status} and named no error` };
}

function ofSuccess({ messageId }: Record<string, unknown>): Answer {
  const id = typeof messageId === 'number' ? String(messageId) : messageId;
  return typeof id === 'string' && id.trim() !== ''
    ? { says: 'sent', messageId: id }
    : { says: 'suppressed', text: 'it exited with 0 and named no message' };
}

function ofError(error: Record<string, unknown>, status: number): Answer {
  const type = textOf(error['type']);
  const text = textOf(error['message']) || type || `exit status ${status}`;
  switch (type) {
    case 'gateway_transport_error':
      if (error['kind'] === 'timeout') return { says: 'timeout', text };
      // A connection that broke later is `closed`, too, but with the code of a WebSocket's close: by then the call may have begun.
      return error['kind'] === 'closed' && error['code'] === undefined && isRefusedConnection(error)
        ? { says: 'unreachable', text }
        : { says: 'unknown', text };
    case 'gateway_credentials_required':
      return { says: 'refused', text };
    case 'gateway_request_error':
      return ofRequestError(error, text);
    default:
      return { says: 'unknown', text };
  }
}

function ofRequestError(error: Record<string, unknown>, text: string): Answer {
  const code = textOf(error['code']);
  const details = isObject(error['details']) ? error['details'] : {};
  if (code === 'UNAVAILABLE' && details['code'] === 'OUTBOUND_DELIVERY_QUEUED') return { says: 'queued', text };
  if (code === 'UNAVAILABLE' && NO_RESULT.test(text)) return { says: 'suppressed', text };
  if (REFUSALS.has(code)) return { says: 'refused', text: `${textOf(details['code']) || code}: ${text}` };
  return { says: 'unknown', text: code === '' ? text : `${code}: ${text}` };
}

/** With one address Node.js names it (`connect ECONNREFUSED 127.0.0.1:18789`); with several, only the command's own words are left. */
function isRefusedConnection(error: Record<string, unknown>): boolean {
  return (
    /^connect ECONNREFUSED\b/.test(textOf(error['reason'])) || /^Gateway not reachable at \S+ \(ECONNREFUSED\)\.$/.test(textOf(error['message']))
  );
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
