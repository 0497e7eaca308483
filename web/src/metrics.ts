import type { Metrics } from '@parley/backend-common';

/** Parts of the path that are a route of their own; everything else is `page`. */
export const SERVED = ['api', 'bff', 'socket.io', 'assets'] as const;
const ROUTES = [...SERVED, 'page'];
const UPSTREAMS = ['auth', 'messaging'];

/** The directives of a content security policy by which reports are counted. */
export const DIRECTIVES: ReadonlySet<string> = new Set([
  'default-src',
  'script-src',
  'script-src-elem',
  'script-src-attr',
  'style-src',
  'style-src-elem',
  'style-src-attr',
  'img-src',
  'font-src',
  'connect-src',
  'media-src',
  'manifest-src',
  'worker-src',
  'frame-src',
  'object-src',
  'base-uri',
  'form-action',
  'frame-ancestors',
]);

/** The metrics of the web service. */
export type WebMetrics = ReturnType<typeof webMetrics>;

/** Declares the metrics of the web service. Label values come from this code, never from a client. */
export function webMetrics(metrics: Metrics) {
  return {
    requestDuration: metrics.duration(
      'parley_web_request_duration_seconds',
      'Time from the request to the end of its answer',
      { route: [...ROUTES], status: ['2xx', '3xx', '4xx', '5xx'] },
    ),
    upstreamDuration: metrics.duration(
      'parley_web_upstream_duration_seconds',
      'Time until the service begins to answer',
      { upstream: UPSTREAMS },
    ),
    upstreamFailures: metrics.counter(
      'parley_web_upstream_failures_total',
      'Requests and upgrades that a node of the service did not answer',
      { upstream: UPSTREAMS },
    ),
    upgrades: metrics.counter('parley_web_upgrades_total', 'WebSocket upgrades by outcome', {
      outcome: ['opened', 'refused', 'rejected', 'unavailable', 'aborted'],
    }),
    tunnels: metrics.gauge('parley_web_tunnels', 'WebSockets open through this service'),
    guardRefusals: metrics.counter(
      'parley_web_guard_refusals_total',
      'Refused requests to /bff that did not come from the page of this origin',
      { reason: ['header', 'origin', 'site'] },
    ),
    cspReports: metrics.counter(
      'parley_web_csp_reports_total',
      'Violations of the content security policy that browsers reported',
      { directive: [...DIRECTIVES, 'other'] },
    ),
  };
}
