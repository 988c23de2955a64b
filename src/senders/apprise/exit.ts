import type { Outcome } from '../../model/outcome.ts';
import { lastPart, oneLine } from '../../model/text.ts';
import type { AttemptSecrets } from '../attempt-secrets.ts';

/** Said before anything is sent: no service could be loaded (apprise/cli.py). */
const NO_SERVICE = /^[\d-]+ [\d:,]+ - ERROR - You must specify at least one server URL/m;
/** `2026-11-22 03:00:01,500 - WARNING - Failed to send ...` */
const LOG_LINE = /^[\d-]+ [\d:,]+ - [A-Z]+ - /;

/**
 * What an exit status of apprise proves (apprise/cli.py, apprise/Apprise.py).
 *
 * 0: every service that was loaded said yes. One that cannot be loaded is left out with a complaint, and the status is 0 all the same.
 * 1: at least one said no, or did not answer in time: its code cannot tell a refused connection from an answer that was lost after the message
 *    went out, nor which of several services has it. 2: wrong usage. 3: no service bears the tag.
 */
export function outcomeOfExit(status: number, stdout: string, stderr: string, secrets: AttemptSecrets): Outcome {
  const said = lastWords(`${stdout}\n${stderr}`, secrets);
  switch (status) {
    case 0:
      return said === ''
        ? { kind: 'proved', level: 'accepted', reference: 'apprise exit 0', detail: 'every service said yes; apprise gives no id' }
        : { kind: 'custody', who: 'apprise', detail: secrets.brief(`it exited with 0, but not every service may have it${said}`) };
    case 2:
      return { kind: 'rejected', reason: secrets.brief(`nothing was sent: apprise does not understand how it was called${said}`) };
    case 3:
      return { kind: 'rejected', reason: secrets.brief(`nothing was sent: no service of the configuration bears the tag${said}`) };
    case 1:
      if (NO_SERVICE.test(stdout)) return { kind: 'rejected', reason: secrets.brief(`nothing was sent: no service could be loaded${said}`) };
      return { kind: 'ambiguous', reason: secrets.brief(`apprise says that a service failed, not whether the message went out${said}`) };
    default:
      return { kind: 'ambiguous', reason: secrets.brief(`apprise exited with ${status}, which it never said to mean anything${said}`) };
  }
}

/** What apprise logged; where it logged nothing, the end of whatever it printed. */
function lastWords(output: string, secrets: AttemptSecrets): string {
  const lines = secrets
    .redact(output)
    .split('\n')
    .map(oneLine)
    .filter((line) => line.trim() !== '');
  const logged = lines.filter((line) => LOG_LINE.test(line)).map((line) => line.replace(LOG_LINE, ''));
  const said = (logged.length > 0 ? logged : lines).slice(-5).join(' / ');
  return said === '' ? '' : `: ${lastPart(said, 350)}`;
}
