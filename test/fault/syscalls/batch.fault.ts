import { BATCH } from './scenarios.ts';
import { enumerated } from './suite.ts';

enumerated('batch', 'several notices at once', [BATCH]);
