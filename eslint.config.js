import js from '@eslint/js';
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

export default tseslint.config(
  {
    ignores: ['**/dist/', '**/.build/', '**/node_modules/', '**/.parley/', 'coverage/'],
  },
  js.configs.recommended,
  {
    files: ['**/*.{ts,tsx}'],
    extends: [tseslint.configs.strictTypeChecked],
    plugins: { 'import-x': importX },
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
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
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
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
    files: ['**/test/**'],
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-floating-promises': [
        'error',
        {
          allowForKnownSafeCalls: [{ from: 'package', name: ['describe', 'it'], package: 'mocha' }],
        },
      ],
    },
  },
  { files: ['**/vite.config.ts'], rules: { 'import-x/no-default-export': 'off' } },
  {
    files: ['**/*.js'],
    languageOptions: { globals: { process: 'readonly', console: 'readonly' } },
  },
);
