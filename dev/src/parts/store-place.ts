import { hostname, networkInterfaces, type NetworkInterfaceInfo } from 'node:os';
import { type LaunchConfig } from '../config.ts';

/** Where the embedded object store listens, and how it is reached. */
export interface StorePlace {
  /** The address that it listens on. */
  readonly host: string;
  /** The host by which the services of this machine reach it, as in a URL. */
  readonly innerHost: string;
  /** The host by which browsers reach it, as in a URL. */
  readonly publicHost: string;
  /** Web origins whose pages may use it. Each may contain `*`, which matches anything. */
  readonly origins: readonly string[];
}

/** The addresses of this machine. */
type Addresses = readonly Pick<NetworkInterfaceInfo, 'address' | 'family' | 'internal'>[];

const LOOPBACK = '127.0.0.1';
/** Each address that means "all of them", with the one by which this machine reaches itself. */
const WILDCARDS: ReadonlyMap<string, string> = new Map([
  ['0.0.0.0', LOOPBACK],
  ['::', '[::1]'],
]);

function addressesOfMachine(): Addresses {
  return Object.values(networkInterfaces()).flatMap((infos) => infos ?? []);
}

function inUrl(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

function isOrigin(value: string): boolean {
  return URL.canParse(value) && new URL(value).origin === value;
}

/** The address by which other machines reach this one: IPv4 first, because all of them have it. */
function outerAddress(addresses: Addresses): string {
  const outer = addresses.filter(
    ({ address, internal }) => !internal && !address.toLowerCase().startsWith('fe80:'),
  );
  const best = outer.find(({ family }) => family === 'IPv4') ?? outer[0];
  return best?.address ?? LOOPBACK;
}

/** Pages of this machine on any port, and configured origins. The services report values that are no origins. */
function originsOf({ env }: Pick<LaunchConfig, 'env'>, hosts: readonly string[]): string[] {
  const named = [env['PARLEY_PUBLIC_ORIGIN'], ...(env['PARLEY_ORIGINS'] ?? '').split(',')];
  const others = named.map((origin) => origin?.trim() ?? '').filter(isOrigin);
  const own = new Set([LOOPBACK, 'localhost', '[::1]', ...hosts.map(inUrl)]);
  return [...[...own].flatMap((name) => [`http://${name}`, `http://${name}:*`]), ...others];
}

/**
 * The place of the store for the address that the web service listens on: where other machines open the app, they reach
 * the store as well.
 */
export function storePlace(
  config: Pick<LaunchConfig, 'env' | 'host'>,
  addresses = addressesOfMachine(),
): StorePlace {
  const { host } = config;
  const innerHost = WILDCARDS.get(host);
  if (innerHost === undefined) {
    const origins = originsOf(config, [host]);
    return { host, innerHost: inUrl(host), publicHost: inUrl(host), origins };
  }
  const name = hostname().toLowerCase();
  const hosts = [...addresses.map(({ address }) => address), name, `${name}.local`];
  const publicHost = inUrl(outerAddress(addresses));
  return { host, innerHost, publicHost, origins: originsOf(config, hosts) };
}

/** The URL with another host. */
export function withHost(url: string, host: string): string {
  return url.replace(/\/\/(?:\[[^\]]*\]|[^:/]*)/, `//${host}`);
}
