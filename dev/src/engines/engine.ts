import { setTimeout as delay } from 'node:timers/promises';
import { type Child } from '../processes/child.ts';
import { isListening } from './ports.ts';

const POLL_MS = 20;

/** A running third-party server. */
export interface Engine {
  readonly child: Child;
  readonly port: number;
  /** Where clients reach it. */
  readonly url: string;
}

/** Waits until the child's port accepts connections. False if the child ends or `timeoutMs` pass first. */
export async function comesUp(child: Child, port: number, timeoutMs: number): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  while (child.running && performance.now() < deadline) {
    if (await isListening(port)) return child.running;
    await delay(POLL_MS);
  }
  return false;
}
