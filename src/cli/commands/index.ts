import type { Command } from 'commander';
import { register as ack } from './ack.ts';
import { register as activate } from './activate.ts';
import { register as archive } from './archive.ts';
import { register as bridge } from './bridge.ts';
import { register as catalog } from './catalog.ts';
import { register as confirm } from './confirm.ts';
import { register as doctor } from './doctor.ts';
import { register as explain } from './explain.ts';
import { register as gate } from './gate.ts';
import { register as handoffs } from './handoffs.ts';
import { register as ingest } from './ingest.ts';
import { register as init } from './init.ts';
import { register as plan } from './plan.ts';
import { register as reconcile } from './reconcile.ts';
import { register as report } from './report.ts';
import { register as retry } from './retry.ts';
import { register as run } from './run.ts';
import { register as sendTest } from './send-test.ts';
import { register as status } from './status.ts';
import { register as validate } from './validate.ts';
import { register as verify } from './verify.ts';
import { register as watch } from './watch.ts';

/** In the order of --help: from setting up to reading the trail. */
export const COMMANDS: readonly ((program: Command) => Command)[] = [
  init,
  validate,
  catalog,
  sendTest,
  report,
  run,
  ingest,
  plan,
  reconcile,
  watch,
  bridge,
  activate,
  status,
  doctor,
  explain,
  verify,
  gate,
  ack,
  handoffs,
  confirm,
  retry,
  archive,
];
