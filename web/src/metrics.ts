import type { Metrics } from '@parley/backend-common';

/** The metrics of the web service. */
export type WebMetrics = ReturnType<typeof webMetrics>;

/** Declares the metrics of the web service. Label values come from this code, never from a client. */
export function webMetrics(metrics: Metrics) {
  return {
    requestDuration: metrics.duration(
      'parley_web_request_duration_seconds',
      'Time from the request to the end of its answer',
      ['route', 'status'],
    ),
    upstreamDuration: metrics.duration(
      'parley_web_upstream_duration_seconds',
      'Time until the service begins to answer',
      ['upstream'],
    ),
    upstreamFailures: metrics.counter(
      'parley_web_upstream_failures_total',
      'Requests and upgrades that a node of the service did not answer',
      ['upstream'],
    ),
    upgrades: metrics.counter('parley_web_upgrades_total', 'WebSocket upgrades by outcome', [
      'outcome',
    ]),
    tunnels: metrics.gauge('parley_web_tunnels', 'WebSockets open through this service'),
    guardRefusals: metrics.counter(
      'parley_web_guard_refusals_total',
      'Refused requests to /bff that did not come from the page of this origin',
      ['reason'],
    ),
    cspReports: metrics.counter(
      'parley_web_csp_reports_total',
      'Violations of the content security policy that browsers reported',
      ['directive'],
    ),
  };
}
