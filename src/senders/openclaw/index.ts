import { RgovError } from '../../model/errors.ts';
import type { Outcome } from '../../model/outcome.ts';
import { AttemptSecrets } from '../attempt-secrets.ts';
import { type ChildEnd, type Command, runChild } from '../child-process/child.ts';
import type { CreateSender } from '../sender.ts';
import { type Answer, readAnswer } from './answer.ts';
import { callFor, type OpenClawSettings } from './call.ts';

/** OpenClaw's own queue of what it could not get out: it recovers by itself, and a second call would be a second message. */
const QUEUE = 'openclaw:outbound-queue';

/** One message through the gateway of an OpenClaw (https://docs.openclaw.ai/gateway), measured against version 2026.9.6. */
export const create: CreateSender = (config, context) => {
  const settings = config as unknown as OpenClawSettings;
  return {
    async attempt(attempt, signal): Promise<Outcome> {
      if (signal.aborted) return { kind: 'retryable', reason: 'nothing was sent: cut off before it began' };
      const secrets = new AttemptSecrets(context.resolveSecret);
      let command: Command;
      try {
        command = callFor(settings, attempt, context, secrets);
      } catch (error) {
        if (!(error instanceof RgovError)) throw error;
        return { kind: 'retryable', reason: secrets.brief(`nothing was sent: ${error.message}`) };
      }
      const end = await runChild(command, signal);
      const answer = answerOf(end);
      if (answer === undefined) return withoutAnswer(end, command, secrets);
      if (answer.says !== 'timeout' || signal.aborted) return outcomeOf(answer, secrets);
      // The gateway joins a call with the same key that is under way, or repeats its result: this asks for the outcome of the one message, and
      // sends no second one. It has to be now: in five minutes, or after a restart, the key is forgotten.
      return outcomeOfJoined(answerOf(await runChild(command, signal)), secrets);
    },
  };
};

function answerOf(end: ChildEnd): Answer | undefined {
  return (end.how === 'exited' || end.how === 'cut_off') && end.status !== null ? readAnswer(end.status, end.stdout) : undefined;
}

function withoutAnswer(end: ChildEnd, { argv }: Command, secrets: AttemptSecrets): Outcome {
  if (end.how === 'not_started')
    return { kind: 'retryable', reason: secrets.brief(`nothing was sent: ${argv[0]} could not be started (${end.code})`) };
  const how = end.how === 'killed' ? `killed by ${end.by}` : 'cut off by the time limit';
  return { kind: 'ambiguous', reason: secrets.brief(`openclaw was ${how}; nobody knows whether the gateway sends the message`) };
}

function outcomeOf(answer: Answer, secrets: AttemptSecrets): Outcome {
  switch (answer.says) {
    case 'sent':
      return { kind: 'proved', level: 'accepted', reference: secrets.brief(answer.messageId) };
    case 'queued':
      return { kind: 'custody', who: QUEUE, detail: secrets.brief(answer.text) };
    case 'suppressed':
      return { kind: 'rejected', reason: secrets.brief(`suppressed by the runtime: ${answer.text}`) };
    case 'refused':
      return { kind: 'rejected', reason: secrets.brief(`configuration error: ${answer.text}`) };
    case 'unreachable':
      return { kind: 'retryable', reason: secrets.brief(`nothing was sent: ${answer.text}`) };
    case 'timeout':
    case 'unknown':
      return { kind: 'ambiguous', reason: secrets.brief(`the gateway may send the message or not: ${answer.text}`) };
  }
}

/** Only what became of the message counts here: that a later call was turned away says nothing about the earlier one. */
function outcomeOfJoined(answer: Answer | undefined, secrets: AttemptSecrets): Outcome {
  if (answer?.says === 'sent' || answer?.says === 'queued' || answer?.says === 'suppressed') return outcomeOf(answer, secrets);
  const second = answer === undefined ? 'was cut off' : answer.text;
  return { kind: 'ambiguous', reason: secrets.brief(`the gateway did not answer in time; asked again with the same key: ${second}`) };
}
