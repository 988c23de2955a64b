import { ARCHIVE } from './scenarios.ts';
import { enumerated } from './suite.ts';

enumerated('archive', 'days that are packed', [ARCHIVE]);
