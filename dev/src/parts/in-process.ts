import type { PushSender } from '@parley/messaging';
import { LaunchError, oneLine } from '../launch-error.ts';
import { type PartPlan } from './part.ts';
import { type ServiceRequest } from './service-parts.ts';

/** A started service. */
interface Service {
  readonly url: string;
  readonly metricsUrl: string;
  close(): Promise<void>;
}

/** One of the services reports on the process that they share. */
async function startService(
  { kind, env }: ServiceRequest,
  pushSender: PushSender | undefined,
): Promise<Service> {
  switch (kind) {
    case 'auth':
      return (await import('@parley/auth')).startAuth(env);
    case 'messaging':
      return (await import('@parley/messaging')).startMessaging(env, {
        processMetrics: true,
        ...(pushSender === undefined ? {} : { pushSender }),
      });
    case 'web':
      return (await import('@parley/web')).startWeb(env);
    default:
      return kind satisfies never;
  }
}

/** Loads the services' code ahead of their start. */
export async function preload(): Promise<void> {
  await Promise.all([import('@parley/auth'), import('@parley/messaging'), import('@parley/web')]);
}

/** A service in this process; `pushSender` takes the pushes in place of Firebase or the log. */
export function inProcessPlan(request: ServiceRequest, pushSender?: PushSender): PartPlan {
  const { name, kind } = request;
  return {
    name,
    kind,
    start: async () => {
      try {
        const service = await startService(request, pushSender);
        const { url, metricsUrl } = service;
        return { pid: process.pid, url, metricsUrl, stop: () => service.close() };
      } catch (error) {
        throw new LaunchError(`${name} did not start: ${oneLine((error as Error).message)}`, {
          cause: error,
        });
      }
    },
  };
}
