import { ConfigError } from '../config/environment.ts';

/** A service that listens. */
export interface RunningService {
  /** Its URL, without a slash at the end. */
  readonly url: string;
  readonly metricsUrl: string;
  /** Finishes the requests in progress, then closes everything. */
  close(): Promise<void>;
}

/** A process that is not one of the services may have no metrics. */
type RunningProcess = Pick<RunningService, 'url' | 'close'> & Partial<RunningService>;

/** Milliseconds after which a stopping service is terminated. */
const GRACE = 15_000;

/**
 * Runs a service as a process: SIGINT or SIGTERM stop it, exit 0 when clean, 2 when stuck, 1 when it could not start.
 * @param start - starts the service and resolves when it answers
 */
export async function runService(start: () => Promise<RunningProcess>): Promise<void> {
  const running = Promise.resolve().then(start);
  let stopping = false;
  const stop = () => {
    if (stopping) return;
    stopping = true;
    setTimeout(() => process.exit(2), GRACE).unref();
    running
      .then((service) => service.close())
      .then(
        () => process.exit(0),
        () => process.exit(2),
      );
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  try {
    const service = await running;
    process.stdout.write(`listening on ${service.url}\n`);
    // Tells a launcher that started this process as a child where the service listens.
    process.send?.({ url: service.url, metricsUrl: service.metricsUrl });
  } catch (error) {
    process.stderr.write(`${describe(error)}\n`);
    process.exit(1);
  }
}

function describe(error: unknown): string {
  if (error instanceof ConfigError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
