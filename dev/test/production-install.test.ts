import assert from 'node:assert/strict';
import { read } from './support/repository.ts';

interface LockedPackage {
  readonly dev?: boolean;
  readonly devOptional?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

/** Libraries of the web app, which its build puts into files. */
const BUNDLED = [
  ...['@firebase/app', '@tanstack/react-virtual', '@vitejs/plugin-react', 'firebase'],
  ...['linkify-it', 'lucide-react', 'react', 'react-dom'],
];

describe('a production install', () => {
  const { packages } = JSON.parse(read('package-lock.json')) as {
    readonly packages: Readonly<Record<string, LockedPackage>>;
  };
  const installed = Object.entries(packages)
    .filter(([, { dev, devOptional }]) => dev !== true && devOptional !== true)
    .map(([path]) => path.split('node_modules/').at(-1) ?? '');

  it('has the libraries of the services', () => {
    for (const name of ['mongodb', 'socket.io', 'argon2', 'firebase-admin']) {
      assert.ok(installed.includes(name), name);
    }
  });

  it('has what the doctor needs', () => {
    const { dependencies = {} } = packages['doctor'] ?? {};
    const missing = Object.keys(dependencies).filter((name) => !installed.includes(name));
    assert.deepEqual(missing, []);
    assert.ok('@parley/messaging' in dependencies);
  });

  it('does not reach the launcher, which npm would install although it is needed by tests only', () => {
    const reaching = ['auth', 'messaging', 'web', 'doctor'].filter((name) => {
      const { dependencies = {}, devDependencies = {} } = packages[name] ?? {};
      return '@parley/dev' in dependencies || '@parley/dev' in devDependencies;
    });
    assert.deepEqual(reaching, []);
  });

  it('has none of the libraries of the web app', () => {
    const found = BUNDLED.filter((name) => installed.includes(name));
    assert.deepEqual(found, []);
  });
});
