import { createHmac } from 'node:crypto';
import type { Notice } from '../../model/artifacts.ts';
import { RgovError } from '../../model/errors.ts';
import { words } from '../outcome-text.ts';

const SECRET_PREFIX = 'whsec_';
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/;

/** The request's body: only what follows from the notice, in a fixed order, so that every attempt sends the same bytes. */
export function bodyOf(notice: Notice): Buffer {
  const { id, subject, eventType, severity, target, requires, deadline, time } = notice;
  const data = { id, ...words(notice), subject, eventType, severity, target, requires, deadline, time };
  return Buffer.from(JSON.stringify({ type: 'notice', timestamp: time, data }));
}

/**
 * The headers of Standard Webhooks. `secret` is one signing secret, or several separated by white space (the specification's way
 * to rotate them: one signature each). Throws {@link RgovError} `invalid_documents` if a secret is not base64.
 *
 * The specification warns of full stops in ids that others can choose, because they also separate what is signed. A notice's id has
 * one, in its time (`20261122T030000.000Z_...`); what follows it can never be read as a timestamp.
 */
export function webhookHeaders(id: string, now_ms: number, body: Buffer, secret: string | undefined): Record<string, string> {
  const timestamp = String(Math.floor(now_ms / 1000));
  const headers: Record<string, string> = { 'webhook-id': id, 'webhook-timestamp': timestamp };
  if (secret === undefined) return headers;
  const keys = secret.trim().split(/\s+/).map(keyOf);
  headers['webhook-signature'] = keys.map((key) => `v1,${signature(key, id, timestamp, body)}`).join(' ');
  return headers;
}

function signature(key: Buffer, id: string, timestamp: string, body: Buffer): string {
  return createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest('base64');
}

function keyOf(secret: string): Buffer {
  const base64 = secret.startsWith(SECRET_PREFIX) ? secret.slice(SECRET_PREFIX.length) : secret;
  if (base64 === '' || !BASE64.test(base64)) {
    throw new RgovError('invalid_documents', 'the signing secret is not base64', { expected: `${SECRET_PREFIX} and then 24 to 64 bytes in base64` });
  }
  return Buffer.from(base64, 'base64');
}
