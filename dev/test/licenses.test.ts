import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { isAllowed } from '../src/licenses/policy.ts';
import { productionPackages, type Lockfile } from '../src/licenses/production-packages.ts';
import { readLicenses } from '../src/licenses/read-licenses.ts';
import { productionTree } from '../src/licenses/sbom.ts';
import { ROOT } from './support/repository.ts';

describe('the licences of a production install', () => {
  it('are all allowed, and every package has one', () => {
    const packages = readLicenses(ROOT);
    assert.deepEqual(
      packages.filter((each) => !each.isAllowed),
      [],
    );
    const names = packages.map(({ name }) => name);
    for (const name of ['mongodb', 'socket.io', 'argon2', 'sharp', 'firebase-admin']) {
      assert.ok(names.includes(name), name);
    }
    for (const name of ['mocha', 'vite', 'react', '@parley/auth']) {
      assert.ok(!names.includes(name), name);
    }
  });

  it('are those of what the workspaces need, directly or not, and no others', () => {
    const lock: Lockfile = {
      auth: { dependencies: { '@parley/common': '*', a: '1' } },
      common: { dependencies: { b: '1' } },
      web: { dependencies: { unused: '1' } },
      'node_modules/@parley/common': { link: true, resolved: 'common' },
      'node_modules/a': { dependencies: { b: '2' }, peerDependencies: { absent: '1' } },
      'node_modules/a/node_modules/b': { optionalDependencies: { c: '1', elsewhere: '1' } },
      'node_modules/b': {},
      'node_modules/c': {},
      'node_modules/unused': {},
    };
    assert.deepEqual(productionPackages(lock, ['auth']), [
      'node_modules/a',
      'node_modules/a/node_modules/b',
      'node_modules/b',
      'node_modules/c',
    ]);
    assert.throws(() => productionPackages({ auth: { dependencies: { gone: '1' } } }, ['auth']), {
      message: 'gone, which auth needs, is not in package-lock.json',
    });
  });

  for (const [name, license, expected] of [
    ['a', 'MIT', true],
    ['a', '(MIT OR GPL-3.0-only)', true],
    ['a', 'MIT AND ISC', true],
    ['a', 'MIT AND GPL-3.0-only', false],
    ['a', '(MIT OR GPL-3.0-only) AND ISC', false],
    ['a', 'AGPL-3.0-only', false],
    ['a', 'unknown', false],
    ['a', 'SEE LICENSE IN LICENSE', false],
    ['@img/sharp-libvips-linux-x64', 'LGPL-3.0-or-later', true],
    ['a', 'LGPL-3.0-or-later', false],
  ] as const) {
    it(`${expected ? 'allow' : 'refuse'} ${license} of ${name}`, () => {
      assert.equal(isAllowed(name, license), expected);
    });
  }

  it('refuse a package that names none', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'parley-licenses-'));
    const workspaces = { auth: {}, messaging: {}, web: {}, doctor: { dependencies: { a: '1' } } };
    const packages = { ...workspaces, 'node_modules/a': { version: '1.0.0' } };
    await writeFile(join(folder, 'package-lock.json'), JSON.stringify({ packages }));
    const found = readLicenses(folder);
    await rm(folder, { recursive: true });
    assert.deepEqual(found, [
      { name: 'a', version: '1.0.0', license: 'unknown', isAllowed: false },
    ]);
  });
});

describe('the bill of materials', () => {
  it('is that of what the workspaces need, and of nothing for development', () => {
    const lock: Lockfile = {
      '': { name: 'parley', workspaces: ['auth', 'dev'], devDependencies: { tool: '3' } },
      auth: { name: '@parley/auth', dependencies: { a: '1' }, devDependencies: { tool: '3' } },
      dev: { name: '@parley/dev', dependencies: { '@parley/auth': '*' } },
      'node_modules/@parley/auth': { link: true, resolved: 'auth' },
      'node_modules/@parley/dev': { link: true, resolved: 'dev' },
      'node_modules/a': { version: '1.0.0', devOptional: true },
      'node_modules/tool': { version: '3.0.0' },
    };
    const root = { name: 'parley', workspaces: ['auth'] };
    const auth = { name: '@parley/auth', dependencies: { a: '1' } };
    assert.deepEqual(productionTree(lock, ['auth']), {
      lock: {
        '': root,
        'node_modules/@parley/auth': { link: true, resolved: 'auth' },
        auth,
        'node_modules/a': { version: '1.0.0' },
      },
      manifests: { '': root, auth },
    });
  });
});
