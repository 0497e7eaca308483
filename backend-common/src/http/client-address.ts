import type { IncomingMessage } from 'node:http';
import { isIP, isIPv4 } from 'node:net';
import ipaddr from 'ipaddr.js';

import { parseAddress, type Address } from './address.ts';

/** The parts of a request from which the address of its client is known. */
interface AddressedRequest {
  readonly headers: IncomingMessage['headers'];
  readonly socket: { readonly remoteAddress?: string | undefined };
}

type Range = ReturnType<typeof ipaddr.parseCIDR>;

/** The ranges of a configuration, parsed once. */
const parsed = new WeakMap<readonly string[], readonly Range[]>();

/**
 * The address of the client of a request, from the header of a trusted proxy or from the connection.
 * @param trusted - addresses, or ranges such as `10.0.0.0/8`
 */
export function requestAddress(
  { headers, socket }: AddressedRequest,
  trusted: readonly string[],
): string {
  const forwarded = headers['x-forwarded-for'];
  return clientAddress(
    socket.remoteAddress ?? '',
    typeof forwarded === 'string' ? forwarded : '',
    trusted,
  );
}

/**
 * The client's address: the right-most hop that is not one of the trusted proxies. A hop may have a port. The hops
 * before one that is not an address are ignored.
 * @param trusted - addresses, or ranges such as `10.0.0.0/8`
 */
export function clientAddress(
  remote: string,
  forwardedFor: string,
  trusted: readonly string[],
): string {
  if (trusted.length === 0 && isIPv4(remote)) return remote;
  const hops = forwardedFor.split(',');
  let address = parseAddress(remote);
  if (address === undefined) return remote;
  while (isTrusted(address, trusted)) {
    const before = parseAddress(hops.pop() ?? '');
    if (before === undefined) break;
    address = before;
  }
  return address.toString();
}

/** Whether an address is one of the trusted proxies, which are given as addresses or ranges. */
export function isTrustedProxy(address: string, trusted: readonly string[]): boolean {
  const known = parseAddress(address);
  return known !== undefined && isTrusted(known, trusted);
}

/** Whether a text is an address or a range, as `PARLEY_TRUSTED_PROXIES` lists them. */
export function isAddressRange(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/');
  const version = isIP(address);
  if (version === 0 || rest.length > 0) return false;
  return (
    bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 6 ? 128 : 32))
  );
}

function isTrusted(address: Address, trusted: readonly string[]): boolean {
  return rangesOf(trusted).some((range) => {
    const isSameKind = address.kind() === range[0].kind();
    return isSameKind && address.match(range);
  });
}

function rangesOf(trusted: readonly string[]): readonly Range[] {
  const known = parsed.get(trusted);
  if (known !== undefined) return known;
  const ranges = trusted.map(toRange);
  parsed.set(trusted, ranges);
  return ranges;
}

/** A range of addresses that are mapped into IPv6 is the range of the IPv4 addresses. */
function toRange(text: string): Range {
  const isRange = text.includes('/');
  const [address, bits]: Range = isRange
    ? ipaddr.parseCIDR(text)
    : [ipaddr.parse(text), ipaddr.parse(text).kind() === 'ipv6' ? 128 : 32];
  if (address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress() && bits >= 96) {
    return [address.toIPv4Address(), bits - 96];
  }
  return [address, bits];
}
