import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const CONFIG = join(ROOT, '.oxlintrc.json');

/** For each rule that needs types, code that it must refuse. */
const REFUSED: Readonly<Record<string, string>> = {
  'await-thenable': 'await 1;',
  'no-array-delete': 'delete [1, 2][0];',
  'no-base-to-string': 'String({ a: 1 });',
  'no-confusing-void-expression': 'const nothing = console.log(1); void nothing;',
  'no-deprecated': '/** @deprecated Use another. */ const old = 1; Math.abs(old);',
  'no-duplicate-type-constituents': 'export type Twice = string | string;',
  'no-floating-promises': 'Promise.resolve();',
  'no-for-in-array': 'for (const at in [1]) at.trim();',
  'no-generated-empty-object-type': 'export type None = Omit<{ a: 1 }, "a">;',
  'no-implied-eval': 'setTimeout("alert(1)", 1);',
  'no-meaningless-void-operator': 'void (() => undefined)();',
  'no-misused-promises': 'if (Promise.resolve(true)) Math.abs(1);',
  'no-misused-spread': 'export const spread = { ...(() => 1) };',
  'no-mixed-enums': 'export enum Mixed { A = 1, B = "b" }',
  'no-redundant-type-constituents': 'export type Any = string | unknown;',
  'no-unnecessary-boolean-literal-compare': 'export const is = (given: boolean) => given === true;',
  'no-unnecessary-condition': 'export const always = (given: object) => (given ? 1 : 2);',
  'no-unnecessary-template-expression': 'export const text = (given: string) => `${given}`;',
  'no-unnecessary-type-arguments':
    'export const f = <T = string>(given: T) => given; f<string>("");',
  'no-unnecessary-type-assertion': 'export const same = (given: string) => given as string;',
  'no-unnecessary-type-conversion': 'export const twice = (given: string) => String(given);',
  'no-unnecessary-type-parameters':
    'export function once<T>(given: T): void { Math.abs(Number(given)); }',
  'no-unsafe-argument': 'declare const any: any; Math.abs(any);',
  'no-unsafe-assignment': 'declare const any: any; export const known: string = any;',
  'no-unsafe-call': 'declare const any: any; any();',
  'no-unsafe-class-instance-assignment':
    'class One { a = 1; } class Other { a = 1; } export const one: One = new Other();',
  'no-unsafe-enum-assignment': 'enum One { A = 1 } export const one: One = 1;',
  'no-unsafe-enum-comparison': 'enum One { A = 1 } export const eq = (one: One) => one === 1;',
  'no-unsafe-member-access': 'declare const any: any; export const of = () => any.name as string;',
  'no-unsafe-return': 'declare const any: any; export const given = (): string => any;',
  'no-unsafe-unary-minus': 'declare const any: string; export const minus = -any;',
  'no-useless-default-assignment': 'export const d = ({ a = 1 }: { a: number }) => a;',
  'only-throw-error': 'throw "text";',
  'prefer-promise-reject-errors': 'export const p = Promise.reject("text");',
  'prefer-reduce-type-parameter':
    'export const r = [1].reduce((all, one) => [...all, one], [] as number[]);',
  'prefer-return-this-type': 'export class Chain { next(): Chain { return this; } }',
  'related-getter-setter-pairs': 'export interface Pair { get a(): string; set a(value: number); }',
  'require-await': 'export async function never(): Promise<number> { return 1; }',
  'restrict-plus-operands': 'export const sum = (one: number, other: string) => one + other;',
  'restrict-template-expressions': 'export const shown = (given: object) => `a ${given}`;',
  'return-await':
    'export async function r(p: Promise<void>) { try { return p; } finally { await p; } }',
  'switch-exhaustiveness-check':
    'export function s(given: "a" | "b") { switch (given) { case "a": Math.abs(1); } }',
  'unbound-method':
    'class Bound { x = 1; method() { return this.x; } } export const { method } = new Bound();',
  'use-unknown-in-catch-callback-variable': 'Promise.resolve().catch((e: any) => Math.abs(1));',
};

interface Report {
  readonly diagnostics: readonly { readonly code: string; readonly filename: string }[];
}

describe('the rules that need types', () => {
  let folder: string;
  let reported: ReadonlyMap<string, ReadonlySet<string>>;

  before(async function () {
    this.timeout(60_000);
    folder = await mkdtemp(join(tmpdir(), 'parley-rules-'));
    const compilerOptions = { strict: true, target: 'es2023', module: 'nodenext', noEmit: true };
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions }));
    await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
    for (const [rule, code] of Object.entries(REFUSED)) {
      await writeFile(join(folder, `${rule}.ts`), `${code}\nexport {};\n`);
    }
    const { diagnostics } = JSON.parse(await lint(folder)) as Report;
    const found = new Map<string, Set<string>>();
    for (const { code, filename } of diagnostics) {
      const file = filename.split('/').at(-1) ?? '';
      found.set(file, (found.get(file) ?? new Set()).add(code));
    }
    reported = found;
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it('are those that have an example here', async () => {
    const { rules } = JSON.parse(await readFile(CONFIG, 'utf8')) as {
      readonly rules: Readonly<Record<string, unknown>>;
    };
    const names = Object.keys(REFUSED).map((name) => `typescript/${name}`);
    assert.deepEqual(Object.keys(rules).sort(), names.sort());
  });

  for (const rule of Object.keys(REFUSED)) {
    it(`refuse what ${rule} is for`, () => {
      const codes = [...(reported.get(`${rule}.ts`) ?? [])];
      assert.ok(
        codes.includes(`typescript(${rule})`),
        `reported: ${codes.join(', ') || 'nothing'}`,
      );
    });
  }
});

/** Everything that is reported in a folder, as JSON. */
function lint(folder: string): Promise<string> {
  const oxlint = join(ROOT, 'node_modules', 'oxlint', 'bin', 'oxlint');
  const line = [oxlint, '--type-aware', '--config', CONFIG, '--format', 'json', folder];
  return new Promise((resolve) => {
    // It exits with 1, because something is reported.
    execFile(process.execPath, line, { cwd: ROOT, maxBuffer: 2 ** 24 }, (_error, stdout) =>
      resolve(stdout),
    );
  });
}
