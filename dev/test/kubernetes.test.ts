import assert from 'node:assert/strict';
import { VARIABLES } from '@parley/backend-common';
import { parse, parseAllDocuments } from 'yaml';

import { files, found, read } from './support/repository.ts';

interface Kustomization {
  readonly resources: readonly string[];
  readonly images?: readonly { readonly name: string; readonly newTag: string }[];
  readonly replicas?: readonly { readonly name: string }[];
  readonly patches?: readonly {
    readonly target: { readonly kind: string; readonly name: string };
  }[];
}

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly data?: Readonly<Record<string, string>>;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- Each kind has a form of its own, which kubernetes-validate checks.
  readonly spec: any;
}

type Labels = Readonly<Record<string, string>>;

interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string };
}

interface Container {
  readonly args: readonly string[];
  readonly env: readonly { readonly name: string; readonly value: string }[];
  readonly envFrom: readonly { readonly configMapRef: { readonly name: string } }[];
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  readonly securityContext: unknown;
  readonly startupProbe: Probe;
  readonly readinessProbe: Probe;
  readonly livenessProbe: Probe;
  readonly lifecycle: { readonly preStop: { readonly exec: { readonly command: string[] } } };
}

interface Pod {
  readonly automountServiceAccountToken: boolean;
  readonly terminationGracePeriodSeconds: number;
  readonly securityContext: { readonly runAsNonRoot: boolean };
  readonly containers: readonly [Container];
  readonly volumes: readonly [{ readonly secret: { readonly items: readonly { path: string }[] } }];
}

const kustomization = (path: string) =>
  parse(read(`deploy/k8s/${path}/kustomization.yaml`)) as Kustomization;
const paths = files('deploy/k8s/*.yaml').filter((path) => !path.endsWith('kustomization.yaml'));
const manifests = paths.flatMap((path) =>
  parseAllDocuments(read(path)).map((each) => each.toJS() as Manifest),
);
const ofKind = (kind: string) => manifests.filter((each) => each.kind === kind);
const named = (kind: string, name: string) =>
  ofKind(kind).find(({ metadata }) => metadata.name === name);
const workloads = [...ofKind('Deployment'), ...ofKind('Job')];
const podOf = ({ spec }: Manifest) => spec.template.spec as Pod;
const containerOf = (workload: Manifest) => podOf(workload).containers[0];
const labelsOf = ({ spec }: Manifest) => spec.template.metadata.labels as Labels;

/** The deployments whose pods have these labels. */
const selected = (labels: Labels) =>
  ofKind('Deployment').filter((each) =>
    Object.entries(labels).every(([name, value]) => labelsOf(each)[name] === value),
  );

describe('deploy/k8s', () => {
  it('lists each of its files in a kustomization, and no others', () => {
    for (const folder of ['base', 'small', 'production']) {
      const own = paths.filter((path) => path.startsWith(`deploy/k8s/${folder}/`));
      const listed = kustomization(folder).resources.filter((each) => each !== '../base');
      assert.deepEqual(
        listed.map((each) => `deploy/k8s/${folder}/${each}`).toSorted(),
        own.toSorted(),
      );
    }
  });

  it('changes only what exists in the overlays, and pins the image', () => {
    for (const folder of ['small', 'production']) {
      const { images = [], patches = [], replicas = [], resources } = kustomization(folder);
      assert.ok(resources.includes('../base'));
      for (const { name } of replicas) assert.ok(named('Deployment', name), name);
      for (const { target } of patches) assert.ok(named(target.kind, target.name), target.name);
      assert.match(images.find(({ name }) => name === 'parley')!.newTag, /^\d+\.\d+\.\d+$/);
    }
  });

  it('runs the parts of the image with variables that exist and keys only as files', () => {
    const script = read('deploy/docker/start.js');
    const parts = found(script, /^ {2}'?([a-z-]+)'?: \(\) => import/gm);
    assert.deepEqual(
      // The doctor is a command that an operator types; no workload has it.
      [...workloads.flatMap((each) => containerOf(each).args), 'doctor'].toSorted(),
      parts.toSorted(),
    );
    for (const workload of workloads) {
      const { env, envFrom } = containerOf(workload);
      for (const { configMapRef } of envFrom) assert.ok(named('ConfigMap', configMapRef.name));
      const [{ secret }] = podOf(workload).volumes;
      const mounted = secret.items.map(({ path }) => `/run/secrets/parley/${path}`);
      for (const { name } of env) {
        assert.match(name, /_FILE$/);
        assert.ok(VARIABLES.includes(name.replace(/_FILE$/, '')), name);
      }
      assert.deepEqual(env.map(({ value }) => value).toSorted(), mounted.toSorted());
    }
    for (const { data = {} } of ofKind('ConfigMap')) {
      for (const name of Object.keys(data)) assert.ok(VARIABLES.includes(name), name);
    }
    assert.deepEqual(ofKind('Secret'), []);
  });

  it('gives every container no right that it does not need', () => {
    for (const workload of workloads) {
      const { automountServiceAccountToken, securityContext } = podOf(workload);
      assert.equal(automountServiceAccountToken, false);
      assert.equal(securityContext.runAsNonRoot, true);
      assert.deepEqual(containerOf(workload).securityContext, {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
    }
  });

  it('probes paths that the services have, and gives a node the time to drain', () => {
    for (const workload of ofKind('Deployment')) {
      const { lifecycle, livenessProbe, ports, readinessProbe, startupProbe } =
        containerOf(workload);
      assert.equal(readinessProbe.httpGet.path, '/readyz');
      assert.equal(livenessProbe.httpGet.path, '/healthz');
      for (const { httpGet } of [readinessProbe, livenessProbe, startupProbe]) {
        assert.ok(ports.some(({ name }) => name === httpGet.port));
      }
      const [, seconds] = lifecycle.preStop.exec.command;
      // A service that is asked to stop gives up after 15 s.
      assert.ok(podOf(workload).terminationGracePeriodSeconds > Number(seconds) + 15);
    }
  });

  it('has ports in the services that the containers and the configuration have', () => {
    const { data = {} } = named('ConfigMap', 'parley')!;
    for (const { spec } of ofKind('Service')) {
      const [target] = selected(spec.selector as Labels);
      const { ports } = containerOf(target!);
      for (const { port, targetPort } of spec.ports as { port: number; targetPort: string }[]) {
        const inner = ports.find(({ name }) => name === targetPort)!;
        assert.deepEqual([port, String(inner.containerPort)], [8080, data['PORT']]);
      }
      assert.equal(
        String(ports.find(({ name }) => name === 'metrics')!.containerPort),
        data['METRICS_PORT'],
      );
    }
    for (const host of found(JSON.stringify(data), /http:\/\/([a-z-]+):8080/g)) {
      assert.ok(named('Service', host), host);
    }
    for (const { spec } of ofKind('Ingress')) {
      const { service } = spec.rules[0].http.paths[0].backend;
      const target = named('Service', service.name as string)!;
      assert.equal(target.spec.ports[0].name, service.port.name);
    }
  });

  it('selects with every selector exactly one deployment', () => {
    const selectors = [
      ...ofKind('Service').map(({ spec }) => spec.selector as Labels),
      ...[...ofKind('PodDisruptionBudget'), ...ofKind('Deployment')].map(
        ({ spec }) => spec.selector.matchLabels as Labels,
      ),
      ...ofKind('NetworkPolicy')
        .filter(({ metadata }) => metadata.name !== 'deny')
        .flatMap(({ spec }) => [
          spec.podSelector.matchLabels as Labels,
          ...(spec.ingress as { from: { podSelector?: { matchLabels: Labels } }[] }[])
            .flatMap(({ from }) => from)
            .flatMap(({ podSelector }) =>
              podSelector === undefined ? [] : [podSelector.matchLabels],
            ),
        ]),
    ];
    for (const labels of selectors)
      assert.equal(selected(labels).length, 1, JSON.stringify(labels));
    for (const kind of ['Service', 'PodDisruptionBudget', 'NetworkPolicy']) {
      for (const { metadata } of ofKind('Deployment')) assert.ok(named(kind, metadata.name));
    }
  });

  it('scales the nodes on a metric that they export', () => {
    const [{ spec } = assert.fail()] = ofKind('HorizontalPodAutoscaler');
    assert.ok(named(spec.scaleTargetRef.kind as string, spec.scaleTargetRef.name as string));
    const metric = spec.metrics[0].pods.metric.name as string;
    const sources = files('messaging/src/*.ts').map(read).join('\n');
    assert.ok(sources.includes(`'${metric}'`), metric);
  });
});
