import { FIRST_REPORT, ONE_MORE_REPORT, PLAIN_REPORT } from './scenarios.ts';
import { enumerated } from './suite.ts';

enumerated('emitter', 'a report', [FIRST_REPORT, ONE_MORE_REPORT, PLAIN_REPORT]);
