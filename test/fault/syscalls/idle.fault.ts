import { IDLE, UNCHANGED } from './scenarios.ts';
import { enumerated } from './suite.ts';

enumerated('idle', 'a pass that finds nothing to do', [IDLE, UNCHANGED]);
