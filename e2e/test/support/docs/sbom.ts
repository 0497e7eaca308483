import assert from 'node:assert/strict';

/** What is looked at of a bill of materials. */
export interface Sbom {
  readonly bomFormat: string;
  readonly specVersion: string;
  readonly serialNumber: string;
  readonly metadata: { readonly component: { readonly name: string } };
  readonly components: readonly {
    readonly 'bom-ref': string;
    readonly type: string;
    readonly name: string;
    readonly version: string;
    readonly purl: string;
    readonly licenses?: readonly unknown[];
  }[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

/** The fields that CycloneDX requires, and those that tell which package is meant. */
export function assertSbom({
  bomFormat,
  components,
  dependencies,
  metadata,
  ...others
}: Sbom): void {
  assert.equal(bomFormat, 'CycloneDX');
  assert.match(others.specVersion, /^1\.\d$/);
  assert.match(others.serialNumber, /^urn:uuid:[\da-f-]{36}$/);
  assert.equal(metadata.component.name, 'parley');
  const refs = new Set(components.map((component) => component['bom-ref']));
  assert.equal(refs.size, components.length);
  // limiter names its licence in a way that npm does not read.
  for (const { licenses = [], name, purl, type, version } of components) {
    assert.ok(name !== '' && version !== '' && type === 'library', purl);
    assert.match(purl, /^pkg:npm\/.+@/);
    assert.ok(licenses.length > 0 || name === 'limiter', purl);
  }
  for (const each of dependencies.flatMap(({ dependsOn }) => dependsOn)) assert.ok(refs.has(each));
  const names = components.map(({ purl }) => purl.replace(/^pkg:npm\/(.+)@[^@]+$/, '$1'));
  for (const name of ['mongodb', 'sharp', 'socket.io', '%40parley/auth']) {
    assert.ok(names.includes(name), name);
  }
  for (const name of ['mocha', 'vite', '%40parley/dev']) assert.ok(!names.includes(name), name);
}
