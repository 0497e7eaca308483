import type { PushSender } from '@parley/messaging';
import { type LaunchConfig } from '../config.ts';
import { type EngineContext } from './engine-parts.ts';
import { type StackParts } from './stack-parts.ts';

/** What the steps of a start share. */
export interface StackContext extends EngineContext {
  readonly config: LaunchConfig;
  readonly stackParts: StackParts;
  readonly pushSender: PushSender | undefined;
}
