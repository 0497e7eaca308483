import { type Environment } from '../config.ts';

/**
 * What programs read about the machine and its user: where commands, home and temporary folders are, the language, the
 * time zone, proxies and certificates. Compared in capitals, because Windows does not distinguish them and proxies are
 * written in both.
 */
const SYSTEM = new Set([
  ...['PATH', 'HOME', 'USER', 'LOGNAME', 'SHELL', 'LANG', 'LANGUAGE', 'TZ', 'TERM'],
  ...['TMPDIR', 'TMP', 'TEMP', 'NO_COLOR', 'FORCE_COLOR'],
  ...['LD_LIBRARY_PATH', 'DYLD_LIBRARY_PATH', 'DYLD_FALLBACK_LIBRARY_PATH'],
  ...['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'NO_PROXY'],
  ...['SSL_CERT_FILE', 'SSL_CERT_DIR', 'REQUESTS_CA_BUNDLE', 'CURL_CA_BUNDLE'],
  // Windows
  ...['SYSTEMROOT', 'SYSTEMDRIVE', 'WINDIR', 'COMSPEC', 'PATHEXT', 'OS', 'USERPROFILE', 'USERNAME'],
  ...['APPDATA', 'LOCALAPPDATA', 'PROGRAMDATA', 'PROGRAMFILES', 'HOMEDRIVE', 'HOMEPATH'],
  ...['NUMBER_OF_PROCESSORS', 'PROCESSOR_ARCHITECTURE'],
]);
const SYSTEM_PREFIXES = ['LC_', 'XDG_'];

/** What Node itself reads. */
const NODE = new Set([
  ...['NODE_OPTIONS', 'NODE_EXTRA_CA_CERTS', 'NODE_USE_SYSTEM_CA', 'NODE_USE_ENV_PROXY'],
  ...['NODE_V8_COVERAGE', 'NODE_NO_WARNINGS', 'NODE_COMPILE_CACHE', 'UV_THREADPOOL_SIZE'],
]);

/** What the services read in addition to the addresses and keys that the launcher gives them. */
const SERVICE = new Set(['NODE_ENV', 'GOOGLE_APPLICATION_CREDENTIALS']);
const SERVICE_PREFIXES = ['PARLEY_', 'S3_'];
/** What the launcher and the tests read themselves. */
const LAUNCHER = new Set(['PARLEY_DATA_DIR']);
const TEST_PREFIX = 'PARLEY_TEST_';

function isOneOf(name: string, names: ReadonlySet<string>, prefixes: readonly string[] = []) {
  return names.has(name) || prefixes.some((prefix) => name.startsWith(prefix));
}

function only(env: Environment, accepts: (name: string) => boolean): Record<string, string> {
  const entries = Object.entries(env).flatMap(([name, value]) =>
    value !== undefined && accepts(name.toUpperCase()) ? [[name, value] as const] : [],
  );
  return Object.fromEntries(entries);
}

/**
 * The environment of a third-party program: what describes the machine, and nothing that is meant for Parley. Names
 * in `prefixes`, such as `PIP_`, are passed on too.
 */
export function systemEnvironment(
  env: Environment,
  prefixes: readonly string[] = [],
): Record<string, string> {
  return only(env, (name) => isOneOf(name, SYSTEM, [...SYSTEM_PREFIXES, ...prefixes]));
}

/** The environment of a Node program: that of the machine, and what Node itself reads. */
export function nodeEnvironment(env: Environment): Record<string, string> {
  return { ...systemEnvironment(env), ...only(env, (name) => isOneOf(name, NODE)) };
}

/**
 * The environment that a service starts from: what Node reads and what services read. Addresses, ports and keys are not
 * in it, because they differ for each process; the caller adds them.
 */
export function serviceBase(env: Environment): Record<string, string> {
  const own = only(env, (name) => {
    if (LAUNCHER.has(name) || name.startsWith(TEST_PREFIX)) return false;
    return isOneOf(name, SERVICE, SERVICE_PREFIXES);
  });
  return { ...nodeEnvironment(env), ...own };
}
