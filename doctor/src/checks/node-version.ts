import { failure, ok, warning, type Check } from '../finding.ts';

const OLDEST = { major: 20, minor: 19 };

export const nodeVersion: Check = {
  name: 'node-version',
  run({ nodeVersion: version }) {
    const [major = 0, minor = 0] = version.split('.').map(Number);
    if (major < OLDEST.major || (major === OLDEST.major && minor < OLDEST.minor)) {
      return failure(
        `Node ${version} is too old.`,
        `Install Node ${OLDEST.major}.${OLDEST.minor} or newer.`,
      );
    }
    if (major % 2 === 1) {
      return warning(
        `Node ${version} has no long-term support.`,
        'Use a version with an even number, which gets security updates for years.',
      );
    }
    return ok(`Node ${version}.`);
  },
};
