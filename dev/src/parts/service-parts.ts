import { type Environment } from '../config.ts';
import { type PartKind } from '../stack-file.ts';

/** Parley's own services. */
export type ServiceKind = Extract<PartKind, 'auth' | 'messaging' | 'web'>;

/** One service to start and what it reads. */
export interface ServiceRequest {
  readonly name: string;
  readonly kind: ServiceKind;
  /** `PORT` and `METRICS_PORT` are given once it has been started: it then keeps them. */
  readonly env: Environment;
}
