/** Who may import whom (ARCHITECTURE.md, Layers). `npm run lint` checks it; cycles count type imports too. */
const services = 'auth|messaging|web';

module.exports = {
  forbidden: [
    {
      name: 'no-cycle',
      comment: 'Two files that need each other are one idea, or share a third. Types count.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'contract-needs-nobody',
      severity: 'error',
      from: { path: '^common/src' },
      to: { path: '^(?!common/src|node_modules)' },
    },
    {
      name: 'platform-needs-the-contract-only',
      severity: 'error',
      from: { path: '^backend-common/src' },
      to: { path: '^(?!backend-common/|common/|node_modules)[^/]+/src' },
    },
    {
      name: 'platform-does-not-know-the-domain',
      severity: 'error',
      from: { path: '^backend-common/src/(?!domain/|testing/|index)' },
      to: { path: '^backend-common/src/domain' },
    },
    {
      name: 'services-are-apart',
      severity: 'error',
      from: { path: `^(${services})/src` },
      to: { path: '^(?!backend-common/|common/|node_modules)[^/]+/src', pathNot: '^$1/src' },
    },
    {
      name: 'client-needs-the-contract-only',
      severity: 'error',
      from: { path: '^client-common/src' },
      to: { path: '^(?!client-common/|common/|node_modules)[^/]+/src' },
    },
    {
      name: 'web-app-needs-the-client-only',
      severity: 'error',
      from: { path: '^client-web/src' },
      to: { path: '^(?!client-web/|client-common/|common/|node_modules)[^/]+/src' },
    },
    {
      name: 'client-core-knows-no-feature',
      severity: 'error',
      from: { path: '^client-common/src/core/' },
      to: { path: '^client-common/src/(?!core/)' },
    },
    {
      name: 'client-platforms-are-chosen-outside',
      comment: 'The client works with whatever platform it is given; in memory works everywhere.',
      severity: 'error',
      from: { path: '^client-common/src/(?!platform/|index)' },
      to: { path: '^client-common/src/platform/(?!memory)' },
    },
    {
      name: 'only-the-app-builds-modules',
      comment: 'A module may name the type of another one; app.ts alone creates them.',
      severity: 'error',
      from: {
        path: '^messaging/src/(?!app\\.ts|core\\.ts|[^/]+/module\\.ts|handlers\\.ts|transport/sockets\\.ts)',
      },
      to: { path: '^messaging/src/[^/]+/module\\.ts$' },
    },
    {
      name: 'a-feature-owns-its-queries',
      comment: 'Another feature asks the feature, or has a repository of its own.',
      severity: 'error',
      from: { path: '^messaging/src/([^/]+)/(?!module\\.ts)' },
      to: {
        path: '^messaging/src/.+repository\\.ts$',
        pathNot: '^messaging/src/$1/',
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'features-do-not-know-the-transport',
      severity: 'error',
      from: {
        path: '^messaging/src/(?!transport/|app|infrastructure|module|handlers|start|[^/]+/(module|operations|routes)\\.ts)',
      },
      to: { path: '^messaging/src/transport/(?!rooms/names)', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'operations-are-the-edge',
      comment: 'Handlers call services, never the other way round.',
      severity: 'error',
      from: { path: '(service|policy|repository|store)\\.ts$' },
      to: { path: '/(operations|routes|module|app|handlers)\\.ts$' },
    },
    {
      name: 'repositories-are-the-bottom',
      comment: 'A repository speaks to the driver and knows no service.',
      severity: 'error',
      from: { path: 'repository\\.ts$' },
      to: { path: '/service\\.ts$' },
    },
    {
      name: 'internals-only-in-tuning',
      comment:
        "What reaches into Socket.IO's or Engine.IO's internals stands where it can be removed.",
      severity: 'error',
      from: { path: '^messaging/src/(?!transport/tuning/)' },
      to: { path: 'node_modules/(engine\\.io|socket\\.io-parser|socket\\.io-adapter|ws)/' },
    },
    {
      name: 'no-tests-in-the-product',
      severity: 'error',
      from: { path: '^[^/]+/src' },
      to: { path: '^[^/]+/test/' },
    },
    {
      name: 'launcher-and-bench-are-used-by-nobody',
      severity: 'error',
      from: {
        path: '^(common|backend-common|auth|messaging|web|doctor|client-common|client-web)/src',
      },
      to: { path: '^(dev|bench|e2e)/' },
    },
    {
      name: 'doctor-is-used-by-nobody',
      comment: 'It knows every service, and no service knows it.',
      severity: 'error',
      from: { path: '^(?!doctor/)[^/]+/src' },
      to: { path: '^doctor/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|\\.build)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['source', 'types', 'import', 'node', 'default'],
      extensions: ['.ts', '.tsx', '.js', '.json'],
    },
  },
};
