import { DAY, SECOND } from '@parley/common';
import type { ParameterizedContext } from 'koa';

/** Where a page registers for pushes: Firebase Installations, and the registrations of Cloud Messaging. */
const FIREBASE = [
  'https://firebaseinstallations.googleapis.com',
  'https://fcmregistrations.googleapis.com',
];

/** What pages reach besides their own origin. */
export interface PageReach {
  /** Origin of the object store, which files are loaded from and sent to; absent: there are none. */
  readonly store: string | undefined;
  /** Whether pages register with Firebase for pushes. */
  readonly webPush: boolean;
}

/**
 * What a page of ours may load and do. `connect-src 'self'` covers its WebSocket in every browser that the app is built
 * for.
 */
export function pagePolicy({ store, webPush }: PageReach): string {
  const files = store === undefined ? '' : ` ${store}`;
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    `img-src 'self' data: blob:${files}`,
    ...(store === undefined ? [] : [`media-src blob:${files}`]),
    "font-src 'self'",
    `connect-src 'self'${files}${webPush ? ` ${FIREBASE.join(' ')}` : ''}`,
    "manifest-src 'self'",
    "worker-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    // Every browser knows it and reports at once; `report-to` would take its place and gather reports for a minute.
    'report-uri /bff/csp-report',
  ].join('; ');
}

/** What a page without scripts may load. */
export const READING_POLICY = [
  "default-src 'none'",
  "style-src 'self'",
  "img-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  'report-uri /bff/csp-report',
].join('; ');

const UNUSED_POWERS = [
  'camera',
  'display-capture',
  'geolocation',
  'microphone',
  'midi',
  'payment',
  'usb',
];
const HSTS_SECONDS = (365 * DAY) / SECOND;

/** Puts the headers of a page on an answer. */
export function setPageHeaders(ctx: ParameterizedContext, secure: boolean, policy: string): void {
  ctx.set('content-security-policy', policy);
  // With `no-referrer` a form of the page itself would send `Origin: null`.
  ctx.set('referrer-policy', 'same-origin');
  ctx.set('cross-origin-opener-policy', 'same-origin');
  ctx.set('cross-origin-resource-policy', 'same-origin');
  ctx.set('permissions-policy', UNUSED_POWERS.map((power) => `${power}=()`).join(', '));
  if (secure) ctx.set('strict-transport-security', `max-age=${HSTS_SECONDS}`);
}
