import js from '@eslint/js';
import { builtinRules } from 'eslint/use-at-your-own-risk';
import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript';
import { importX } from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';

const driver = {
  name: 'mongodb',
  allowTypeImports: false,
  message: 'MongoDB is spoken in repository.ts, mongo/ and migrations only.',
};
const servers = ['koa', '@koa/router', 'socket.io'].map((name) => ({
  name,
  message: 'A service does not know its transport.',
}));

/** A module that keeps state is shared by everything in the process, and by all tests. A memo by object (WeakMap) is not state. */
const MODULE_LEVEL = ':matches(Program, Program > ExportNamedDeclaration) > VariableDeclaration';
const moduleState = [
  `${MODULE_LEVEL}[kind="let"]`,
  `${MODULE_LEVEL} > VariableDeclarator:not([id.typeAnnotation.typeAnnotation.typeName.name=/^Readonly/]) > NewExpression[callee.name=/^(Map|Set|Array)$/][arguments.length=0]`,
].map((selector) => ({ selector, message: 'Keep state in an object that its user creates.' }));
/** A test that sleeps is slow on a fast machine and fails on a slow one. Polling in a loop waits for what happens. */
const NOT_POLLING = ':not(WhileStatement *):not(ForStatement *)';
const sleeping = [
  `NewExpression[callee.name="Promise"] > ArrowFunctionExpression > CallExpression[callee.name="setTimeout"]${NOT_POLLING}`,
  `AwaitExpression > CallExpression[callee.name=/^(delay|sleep)$/]${NOT_POLLING}`,
].map((selector) => ({ selector, message: 'Wait for what happens, not for a time.' }));

export default tseslint.config(
  {
    ignores: ['**/dist/', '**/.build/', '**/node_modules/', '**/.parley/', 'coverage/'],
  },
  js.configs.recommended,
  {
    files: ['**/*.{ts,tsx}'],
    extends: [tseslint.configs.strict],
    plugins: { 'import-x': importX },
    languageOptions: { parser: tseslint.parser },
    settings: {
      'import-x/resolver-next': [
        createTypeScriptImportResolver({
          project: ['*/tsconfig.json', '*/test/tsconfig.json'],
          conditionNames: ['source', 'types', 'import', 'default'],
        }),
      ],
    },
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      'import-x/no-cycle': 'error',
      'import-x/no-default-export': 'error',
      'import-x/no-extraneous-dependencies': 'error',
      'max-params': ['error', 3],
      'max-lines': ['error', 400],
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'Read the environment in config.ts only.' },
      ],
      'no-restricted-imports': ['error', { paths: [driver] }],
    },
  },
  {
    files: ['**/service.ts'],
    rules: { 'no-restricted-imports': ['error', { paths: [driver, ...servers] }] },
  },
  {
    files: [
      '**/repository.ts',
      '**/*-repository.ts',
      'backend-common/src/mongo/**',
      'backend-common/src/work/**',
      'backend-common/src/testing/**',
      '**/migrations/**',
      'dev/src/**',
      'bench/src/**',
      '**/test/**',
    ],
    rules: { 'no-restricted-imports': 'off' },
  },
  {
    files: ['**/config.ts', '*/src/testing/**', '**/test/**', 'bench/src/**'],
    rules: { 'no-restricted-properties': 'off' },
  },
  {
    files: ['**/test/**/*.{ts,tsx}'],
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
  {
    files: ['*/src/**'],
    plugins: { early: { rules: { 'max-lines': builtinRules.get('max-lines') } } },
    rules: {
      'early/max-lines': ['warn', 250],
      'max-lines-per-function': ['error', 60],
      'no-restricted-syntax': ['error', ...moduleState],
    },
  },
  {
    files: ['**/test/**'],
    ignores: ['**/test/support/until.ts', '**/test/fixtures/**'],
    rules: { 'no-restricted-syntax': ['error', ...sleeping] },
  },
  { files: ['**/vite.config.ts'], rules: { 'import-x/no-default-export': 'off' } },
  {
    files: ['**/*.js'],
    languageOptions: { globals: { process: 'readonly', console: 'readonly' } },
  },
);
