import type { Metrics } from '@parley/backend-common';

/** What the web service counts. */
export type WebMetrics = ReturnType<typeof webMetrics>;

/** Declares the metrics of the web service. Labels are words of ours, never what a client sent. */
export function webMetrics(metrics: Metrics) {
  return {
    requestDuration: metrics.duration(
      'parley_web_request_duration_seconds',
      'Time from a request to the end of its answer',
      ['route', 'status'],
    ),
    upstreamDuration: metrics.duration(
      'parley_web_upstream_duration_seconds',
      'Time until a service begins to answer',
      ['upstream'],
    ),
    upstreamFailures: metrics.counter(
      'parley_web_upstream_failures_total',
      'Nodes of a service that did not answer a request or an upgrade',
      ['upstream'],
    ),
    upgrades: metrics.counter('parley_web_upgrades_total', 'WebSocket upgrades by how they ended', [
      'outcome',
    ]),
    tunnels: metrics.gauge('parley_web_tunnels', 'WebSockets that are open through this service'),
    guardRefusals: metrics.counter(
      'parley_web_guard_refusals_total',
      'Requests to the cookie side that did not come from our own page',
      ['reason'],
    ),
    cspReports: metrics.counter(
      'parley_web_csp_reports_total',
      'Violations of the content security policy that browsers reported',
      ['directive'],
    ),
  };
}
