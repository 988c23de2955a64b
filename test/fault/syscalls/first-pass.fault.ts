import { FIRST_PASS } from './scenarios.ts';
import { enumerated } from './suite.ts';

enumerated('first-pass', 'one notice on its way', [FIRST_PASS]);
