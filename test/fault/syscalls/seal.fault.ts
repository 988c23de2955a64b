import { SEAL } from './scenarios.ts';
import { enumerated } from './suite.ts';

enumerated('seal', 'days that are sealed', [SEAL]);
