import { createHmac } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { expect, it } from 'vitest';
import { NOTICE } from '../../../test/support/loopback-attempt.ts';
import { bodyOf, webhookHeaders } from './message.ts';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const ID = NOTICE.id;

it('signs what the specification says', () => {
  // id, timestamp and payload of the example in the Standard Webhooks specification, signed here by hand.
  const body = Buffer.from('{"test": 2432232314}');
  const headers = webhookHeaders('msg_p5jXN8AQM9LWM0D4loKWxJek', 1_614_265_330_999, body, SECRET);
  expect(headers).toEqual({
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  });
});

it('is accepted by the reference library, unicode and all', () => {
  const body = bodyOf({ ...NOTICE, text: 'Gr\u00fc\u00dfe \u{1f4a9} "quoted"\n' });
  const verified = new Webhook(SECRET).verify(body, webhookHeaders(ID, Date.now(), body, SECRET));
  expect(verified).toMatchObject({ type: 'notice', timestamp: NOTICE.time, data: { id: ID, text: 'Gr\u00fc\u00dfe \u{1f4a9} "quoted"\n' } });
});

it('signs id and timestamp along with the body', () => {
  const body = bodyOf(NOTICE);
  const headers = webhookHeaders(ID, Date.now(), body, SECRET);
  const verify =
    (changes: Record<string, string>, bytes = body) =>
    () =>
      new Webhook(SECRET).verify(bytes, { ...headers, ...changes });
  expect(verify({})).not.toThrow();
  expect(verify({ 'webhook-id': `${ID}x` })).toThrow('No matching signature');
  expect(verify({ 'webhook-timestamp': String(Number(headers['webhook-timestamp']) - 1) })).toThrow('No matching signature');
  expect(verify({}, Buffer.from(body.toString().replace('failed', 'all ok')))).toThrow('No matching signature');
});

it('signs with each of several secrets while they are rotated', () => {
  const old = `whsec_${Buffer.from('the old secret of 24 byt').toString('base64')}`;
  const body = bodyOf(NOTICE);
  const headers = webhookHeaders(ID, Date.now(), body, `${SECRET} ${old}\n`);
  for (const secret of [SECRET, old]) expect(() => new Webhook(secret).verify(body, headers)).not.toThrow();
  expect(headers['webhook-signature']?.split(' ')).toHaveLength(2);
});

it('takes a secret without its prefix', () => {
  const body = bodyOf(NOTICE);
  const { 'webhook-timestamp': timestamp, 'webhook-signature': signature } = webhookHeaders(ID, 0, body, 'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw');
  const expected = createHmac('sha256', Buffer.from('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'base64')).update(`${ID}.0.${body}`).digest('base64');
  expect([timestamp, signature]).toEqual(['0', `v1,${expected}`]);
});

it.each(['', 'whsec_', 'whsec_not base64!', 'whsec_abcde'])('refuses the secret %j without quoting it', (secret) => {
  expect(() => webhookHeaders(ID, 0, Buffer.alloc(0), secret)).toThrow(/^the signing secret is not base64$/);
});

it('says everything that a receiver wants to know', () => {
  expect(JSON.parse(bodyOf(NOTICE).toString())).toEqual({
    type: 'notice',
    timestamp: NOTICE.time,
    data: {
      id: ID,
      title: NOTICE.title,
      text: NOTICE.text,
      subject: NOTICE.subject,
      eventType: NOTICE.eventType,
      severity: NOTICE.severity,
      target: NOTICE.target,
      requires: NOTICE.requires,
      deadline: NOTICE.deadline,
      time: NOTICE.time,
    },
  });
});
