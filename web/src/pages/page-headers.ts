import type { ParameterizedContext } from 'koa';

/** The hosts with which a page registers for pushes: Firebase Installations and Cloud Messaging. */
const FIREBASE = [
  'https://firebaseinstallations.googleapis.com',
  'https://fcmregistrations.googleapis.com',
];

/** What pages connect to besides their own origin. */
export interface PageReach {
  /** Origin of the object store that files are uploaded to and downloaded from; absent if there is none. */
  readonly store: string | undefined;
  /** Whether pages register with Firebase for pushes. */
  readonly webPush: boolean;
}

/**
 * A source of a policy. Policies have no form for the addresses of IPv6, so any host on the port stands for one; the
 * configuration refuses one on the port of its scheme.
 */
function sourceOf(origin: string): string {
  const { host, port, protocol } = new URL(origin);
  return host.startsWith('[') ? `${protocol}//*:${port}` : origin;
}

/** What the web app may load and do. `connect-src 'self'` includes its WebSocket in every supported browser. */
export function pagePolicy({ store, webPush }: PageReach): string {
  const files = store === undefined ? '' : ` ${sourceOf(store)}`;
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    `img-src 'self' data: blob:${files}`,
    // A download is loaded in a frame, so that the page stays what it is.
    ...(store === undefined ? [] : [`media-src blob:${files}`, `frame-src${files}`]),
    "font-src 'self'",
    `connect-src 'self'${files}${webPush ? ` ${FIREBASE.join(' ')}` : ''}`,
    "manifest-src 'self'",
    "worker-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    // Every browser supports it and reports at once; `report-to` would replace it and collect reports for a minute.
    'report-uri /bff/csp-report',
  ].join('; ');
}

/**
 * What the page of the API reference may load: Scalar applies its styles inline. It connects to nothing, so its script
 * cannot call the API with the cookie of a user who is signed in.
 */
export const DOCS_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  'report-uri /bff/csp-report',
].join('; ');

const UNUSED_FEATURES = [
  'camera',
  'display-capture',
  'geolocation',
  'microphone',
  'midi',
  'payment',
  'usb',
];

/** Sets the headers of a page. */
export function setPageHeaders(ctx: ParameterizedContext, policy: string): void {
  ctx.set('content-security-policy', policy);
  // With `no-referrer` a form of the page itself would send `Origin: null`.
  ctx.set('referrer-policy', 'same-origin');
  ctx.set('cross-origin-opener-policy', 'same-origin');
  ctx.set('cross-origin-resource-policy', 'same-origin');
  ctx.set('permissions-policy', UNUSED_FEATURES.map((feature) => `${feature}=()`).join(', '));
}
