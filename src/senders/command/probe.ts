import { resolve } from 'node:path';
import { RgovError } from '../../model/errors.ts';
import { AttemptSecrets } from '../attempt-secrets.ts';
import { childEnvironment } from '../child-process/environment.ts';
import { probeProgram } from '../child-process/find-program.ts';
import { attemptToProbe } from '../probe-attempt.ts';
import type { Probe } from '../sender.ts';
import type { CommandSettings } from './index.ts';

/** Whether the program can be started. What it would do is not known. */
export const probe: Probe = async ({ config, context, address }) => {
  const { argv, cwd = '.', env: settings = {} } = config as unknown as CommandSettings;
  const secrets = new AttemptSecrets(context.resolveSecret);
  try {
    const env = childEnvironment(context.env, settings, attemptToProbe(address), secrets);
    return probeProgram(argv[0] ?? '', resolve(context.workspace, cwd), env['PATH']);
  } catch (error) {
    if (!(error instanceof RgovError)) throw error;
    return { reached: false, problem: secrets.brief(error.message), mend: error.hint ?? '`env` of the sender' };
  }
};
