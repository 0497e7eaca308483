import {
  addressGroup,
  type HttpState,
  type Logger,
  type TokenBuckets,
} from '@parley/backend-common';
import { AppError } from '@parley/common';
import type { Middleware } from 'koa';
import { z } from 'zod';

import { readBody } from '../proxy/body.ts';
import { DIRECTIVES, type WebMetrics } from '../metrics.ts';

interface CspReportDeps {
  readonly metrics: WebMetrics;
  /** Absent if limits are switched off. */
  readonly buckets: TokenBuckets | undefined;
  readonly logger: Logger;
}

const LARGEST = 16 * 1024;
const PER_ADDRESS = { perSecond: 1, burst: 20 };

const directive = z.string().transform((value) => value.split(' ', 1)[0] ?? '');
/** A report as `report-uri` sends it; older browsers send only the second name. */
const report = z
  .object({
    'csp-report': z.object({
      'effective-directive': directive.optional(),
      'violated-directive': directive.optional(),
    }),
  })
  .transform(({ 'csp-report': sent }) => sent['effective-directive'] ?? sent['violated-directive']);

/**
 * `POST /bff/csp-report`: counts what browsers refused on our pages. Anybody may send a report, so nothing of it is kept
 * but a known directive.
 */
export function countCspReports({
  buckets,
  logger,
  metrics,
}: CspReportDeps): Middleware<HttpState> {
  return async (ctx) => {
    buckets?.take(`csp:${addressGroup(ctx.state.address)}`, PER_ADDRESS);
    const body = await readBody(ctx.req, LARGEST);
    const found = report.safeParse(parseJson(body));
    if (!found.success)
      throw new AppError('invalid_input', 'The body must be a report of a content security policy');
    const { data: name = '' } = found;
    const known = DIRECTIVES.has(name) ? name : 'other';
    metrics.cspReports.inc({ directive: known });
    logger.debug({ directive: known }, 'A browser refused content');
    ctx.status = 204;
  };
}

function parseJson(body: Buffer | undefined): unknown {
  try {
    return JSON.parse(body?.toString('utf8') ?? '');
  } catch {
    return undefined;
  }
}
