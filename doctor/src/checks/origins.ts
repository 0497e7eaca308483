import { ok, skipped, warning, type Check } from '../finding.ts';

const LOCAL = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

export const origins: Check = {
  name: 'origins',
  run({ deployment: { settings } }) {
    const { NODE_ENV, PARLEY_ORIGINS: others = [], PARLEY_PUBLIC_ORIGIN: own } = settings;
    if (own === undefined && others.length === 0) {
      return NODE_ENV === 'production'
        ? warning(
            'PARLEY_PUBLIC_ORIGIN is not set.',
            'Set it to the address of the web app, such as https://chat.example.org, if a proxy is in front of Parley.',
          )
        : skipped('No origins are set.');
    }
    const all = own === undefined ? others : [own, ...others];
    const plain = all.filter((origin) => isPlain(origin));
    if (plain.length > 0) {
      return warning(
        `Pages of ${plain.join(', ')} are not protected by TLS, so passwords can be read on the way.`,
        'Use https addresses in PARLEY_PUBLIC_ORIGIN and PARLEY_ORIGINS.',
      );
    }
    return ok(`Pages of ${all.join(', ')} may use the API.`);
  },
};

function isPlain(origin: string): boolean {
  const { hostname, protocol } = new URL(origin);
  return protocol === 'http:' && !LOCAL.test(hostname);
}
