import assert from 'node:assert/strict';
import { VARIABLES } from '@parley/backend-common';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse } from 'yaml';

import { files, found, read } from './support/repository.ts';

interface Service {
  readonly image: string;
  readonly user?: string;
  readonly build?: { readonly dockerfile: string };
  readonly command?: readonly string[];
  readonly entrypoint?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly secrets?: readonly string[];
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly networks: readonly string[] | Readonly<Record<string, { ipv4_address?: string } | null>>;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: { readonly disable?: boolean };
  readonly restart: string;
  readonly [key: string]: unknown;
}

interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly networks: Readonly<Record<string, unknown>>;
  readonly volumes: Readonly<Record<string, unknown>>;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
}

const text = read('docker-compose.yml');
const compose = parse(text, { merge: true }) as Compose;
const services = Object.entries(compose.services);
const ours = services.filter(([, { build }]) => build !== undefined);
const networksOf = ({ networks }: Service) =>
  Array.isArray(networks) ? (networks as string[]) : Object.keys(networks);

describe('docker-compose.yml', () => {
  it('is valid by the schema of the Compose Specification', () => {
    const schema = JSON.parse(read('dev/test/fixtures/compose-spec/compose-spec.json')) as object;
    const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
    const validate = ajv.compile(schema);
    assert.ok(validate(compose), JSON.stringify(validate.errors, null, 2));
    // The schema does refuse something.
    assert.equal(validate({ services: { web: { imagee: 'parley' } } }), false);
  });

  it('sets only variables of Parley that exist, and keys only as files', () => {
    assert.equal(ours.length, 6);
    for (const [name, { environment = {} }] of ours) {
      for (const variable of Object.keys(environment)) {
        assert.ok(VARIABLES.includes(variable.replace(/_FILE$/, '')), `${name}: ${variable}`);
        const isKey =
          /^(?:PARLEY_SECRET|MONGODB_URI|REDIS_URL|S3_ACCESS_KEY_ID|S3_SECRET_ACCESS_KEY)$/.test(
            variable,
          );
        assert.ok(!isKey, `${name} has ${variable} inline`);
      }
    }
  });

  it('has no secret inline, and no default for one', () => {
    for (const [name, { environment = {} }] of services) {
      for (const [variable, value] of Object.entries(environment)) {
        if (!/PASSWORD|SECRET|KEY/.test(variable)) continue;
        assert.match(variable, /_FILE$/, `${name}: ${variable}`);
        assert.match(value, /^\/run\/secrets\/[a-z0-9-]+$/);
      }
    }
    assert.doesNotMatch(text, /:\/\/[^/\s]*:[^/\s]*@/);
    for (const { file } of Object.values(compose.secrets)) {
      assert.match(file, /^deploy\/docker\/secrets\//);
    }
    assert.match(read('.gitignore'), /^\/deploy\/docker\/secrets\/$/m);
    assert.match(read('.dockerignore'), /^deploy\/docker\/secrets$/m);
    assert.deepEqual(files('deploy/docker/secrets'), []);
  });

  it('gives each container exactly the secrets that it reads', () => {
    for (const [name, service] of services) {
      const { command = [], entrypoint = [], environment = {}, healthcheck } = service;
      const config = name === 'nginx' ? read('deploy/docker/nginx/nginx.conf') : '';
      const setup = name === 'mongodb-setup' ? read('deploy/docker/mongodb/setup.js') : '';
      const whole = JSON.stringify([command, entrypoint, environment, healthcheck]) + config;
      const named = [...found(whole, /\/run\/secrets\/([a-z0-9.-]+)/g)];
      const needed = [...named, ...found(setup, /secret\('([a-z-]+)'\)/g)];
      assert.deepEqual((service.secrets ?? []).toSorted(), needed.toSorted(), name);
    }
  });

  it('has a secret for each one that is used, all made by the script except a certificate', () => {
    const used = new Set(services.flatMap(([, { secrets = [] }]) => secrets));
    assert.deepEqual([...used].toSorted(), Object.keys(compose.secrets).toSorted());
    const script = read('deploy/docker/create-secrets.js');
    for (const name of used) assert.ok(script.includes(`'${name}'`), name);
  });

  it('pins every image', () => {
    const bases = found(read('deploy/docker/Dockerfile'), /^FROM (\S+)/gm);
    for (const image of [...services.map((entry) => entry[1].image), ...bases]) {
      assert.match(image, /^[a-z0-9/-]+:v?\d+\.\d+\.\d+[a-z0-9.-]*$/);
    }
  });

  it('starts every container without rights that it does not need', () => {
    for (const [name, service] of services) {
      assert.equal(service['read_only'], true, name);
      assert.deepEqual(service['cap_drop'], ['ALL'], name);
      assert.deepEqual(service['security_opt'], ['no-new-privileges:true'], name);
      assert.match(String(service['mem_limit']), /^\d+[mg]$/, name);
    }
  });

  it('starts in the order of health, without a circle', () => {
    const visit = (name: string, path: readonly string[]) => {
      assert.ok(!path.includes(name), [...path, name].join(' → '));
      for (const [needed, { condition }] of Object.entries(
        compose.services[name]!.depends_on ?? {},
      )) {
        const target = compose.services[needed];
        assert.ok(target !== undefined, `${name} depends on ${needed}`);
        const ends = target.restart === 'no';
        assert.equal(condition, ends ? 'service_completed_successfully' : 'service_healthy');
        if (!ends && target.build === undefined) assert.ok(target.healthcheck, needed);
        visit(needed, [...path, name]);
      }
    };
    for (const [name] of services) visit(name, []);
  });

  it('publishes ports of nginx only, and that of Grafana on this machine', () => {
    const published = services.flatMap(([name, { ports = [] }]) =>
      ports.filter((each) => !each.startsWith('127.0.0.1:')).map(() => name),
    );
    assert.deepEqual([...new Set(published)], ['nginx']);
    const config = read('deploy/docker/nginx/nginx.conf');
    const inner = compose.services['nginx']!.ports!.map((each) => each.split(':').at(-1)!);
    assert.deepEqual(found(config, /listen (\d+)/g), inner.toSorted());
  });

  it('names only hosts that are services on a network of the one who asks', () => {
    const hosts = (name: string): string[] => {
      const { environment = {} } = compose.services[name]!;
      const values = JSON.stringify(environment);
      const urls = found(values, /http:\/\/([a-z0-9-]+):/g);
      if (name === 'nginx') {
        urls.push(...found(read('deploy/docker/nginx/nginx.conf'), /server ([a-z0-9-]+):/g));
      }
      if (name === 'prometheus') {
        urls.push(...found(read('deploy/prometheus/prometheus.yml'), /- ([a-z0-9-]+):\d+$/gm));
      }
      if (name === 'grafana') {
        const source = 'deploy/grafana/provisioning/datasources/prometheus.yml';
        urls.push(...found(read(source), /http:\/\/([a-z0-9-]+):/g));
      }
      if (values.includes('mongodb-uri')) urls.push('mongodb');
      if (values.includes('redis-url')) urls.push('redis');
      return urls;
    };
    for (const [name, service] of services) {
      for (const host of hosts(name)) {
        const target = compose.services[host];
        assert.ok(target, `${name} asks ${host}, which is no service`);
        const common = networksOf(service).filter((network) =>
          networksOf(target).includes(network),
        );
        assert.ok(common.length > 0, `${name} cannot reach ${host}`);
      }
    }
  });

  it('has nginx in front of every node, and Prometheus beside every process', () => {
    const config = read('deploy/docker/nginx/nginx.conf');
    const nodes = ours.filter(([, { command }]) => command?.[0] === 'messaging').map(([n]) => n);
    for (const upstream of ['parley_messaging', 'parley_sockets']) {
      const [, block = ''] = new RegExp(`upstream ${upstream} {([^}]*)}`).exec(config) ?? [];
      assert.deepEqual(found(block, /server ([a-z0-9-]+):8080 max_fails=0;/g), nodes.toSorted());
    }
    const targets = found(read('deploy/prometheus/prometheus.yml'), /- ([a-z0-9-]+):9090$/gm);
    const running = ours.filter(([, { restart }]) => restart !== 'no').map(([name]) => name);
    assert.deepEqual(targets, running.toSorted());
  });

  it('differs from the other nginx configuration in no setting of the upstreams', () => {
    const upstreams = (path: string) =>
      [...read(path).matchAll(/upstream (?!parley_store)\w+ {[^}]*}/g)].map(([block]) =>
        block.replaceAll(/server \S+/g, 'server').replaceAll(/ # SITE.*/g, ''),
      );
    assert.deepEqual(
      upstreams('deploy/docker/nginx/nginx.conf'),
      upstreams('deploy/nginx/nginx.conf'),
    );
  });

  it('trusts the addresses that nginx and web have', () => {
    const address = (name: string) => {
      const { networks } = compose.services[name]!;
      return (networks as Record<string, { ipv4_address?: string }>)['services']!.ipv4_address;
    };
    for (const [name, { environment = {} }] of ours) {
      if (name === 'bucket-setup') continue;
      const proxies = name === 'web' ? [address('nginx')] : [address('nginx'), address('web')];
      assert.equal(environment['PARLEY_TRUSTED_PROXIES'], proxies.join(','), name);
    }
  });

  it('mounts only files and volumes that exist', () => {
    const tracked = files('deploy');
    for (const [name, { volumes = [] }] of services) {
      for (const [source = ''] of volumes.map((each) => each.split(':'))) {
        const path = source.replace('./', '');
        const isThere = source.startsWith('./')
          ? tracked.some((file) => file === path || file.startsWith(`${path}/`))
          : source in compose.volumes;
        assert.ok(isThere, `${name} mounts ${source}`);
      }
    }
  });

  it('has an image whose command is a part that exists', () => {
    const script = read('deploy/docker/start.js');
    const parts = found(script, /^ {2}'?([a-z-]+)'?: \(\) => import/gm);
    const asked = new Set(ours.map(([, { command }]) => command?.[0] ?? ''));
    // The doctor is a command that an operator types; no service has it.
    assert.deepEqual([...asked, 'doctor'].toSorted(), parts);
    for (const path of found(script, /'\.\.\/\.\.\/(\S+)'/g)) {
      assert.equal(files(path.replace('dist', 'src').replace('.js', '.ts')).length, 1, path);
    }
  });
});
