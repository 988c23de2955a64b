import { accessSync, constants } from 'node:fs';
import { resolve } from 'node:path';
import { RgovError } from '../../model/errors.ts';
import { AttemptSecrets } from '../attempt-secrets.ts';
import { childEnvironment } from '../child-process/environment.ts';
import { probeProgram } from '../child-process/find-program.ts';
import { attemptToProbe } from '../probe-attempt.ts';
import type { Probe } from '../sender.ts';
import type { AppriseSettings } from './index.ts';

/** Whether the program can be started, and its configuration read. Which services it would speak to is its own matter, and none is asked. */
export const probe: Probe = async ({ config, context, address }) => {
  const { program = 'apprise', config: file, env: settings = {} } = config as AppriseSettings;
  const secrets = new AttemptSecrets(context.resolveSecret);
  try {
    if (file !== undefined) accessSync(resolve(context.workspace, file), constants.R_OK);
    const env = childEnvironment(context.env, settings, attemptToProbe(address), secrets);
    return probeProgram(program, context.workspace, env['PATH']);
  } catch (error) {
    if (error instanceof RgovError) return { reached: false, problem: secrets.brief(error.message), mend: error.hint ?? '`env` of the sender' };
    return { reached: false, problem: secrets.brief(`its configuration ${file} cannot be read`), mend: secrets.brief(`ls -l ${file}`) };
  }
};
