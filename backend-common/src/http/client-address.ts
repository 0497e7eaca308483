import { BlockList, isIP } from 'node:net';

const lists = new WeakMap<readonly string[], BlockList>();

/**
 * The client's address: the right-most hop that is not one of the trusted proxies.
 * @param trusted - addresses, or ranges such as `10.0.0.0/8`
 */
export function clientAddress(
  remote: string,
  forwardedFor: string,
  trusted: readonly string[],
): string {
  const hops = forwardedFor.split(',').map((hop) => hop.trim());
  let address = plain(remote);
  while (isTrustedProxy(address, trusted)) {
    const before = plain(hops.pop() ?? '');
    if (isIP(before) === 0) return address;
    address = before;
  }
  return address;
}

/** Whether an address is one of the trusted proxies, which are given as addresses or ranges. */
export function isTrustedProxy(address: string, trusted: readonly string[]): boolean {
  if (trusted.length === 0) return false;
  const version = isIP(address);
  if (version === 0) return false;
  return listOf(trusted).check(address, version === 6 ? 'ipv6' : 'ipv4');
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

function listOf(trusted: readonly string[]): BlockList {
  const known = lists.get(trusted);
  if (known !== undefined) return known;
  const list = new BlockList();
  for (const [address = '', bits] of trusted.map((range) => range.split('/'))) {
    const type = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (bits === undefined) list.addAddress(address, type);
    else list.addSubnet(address, Number(bits), type);
  }
  lists.set(trusted, list);
  return list;
}

/** An IPv4 address that arrived as IPv6 is the IPv4 address. */
function plain(address: string): string {
  return address.startsWith('::ffff:') && isIP(address.slice(7)) === 4 ? address.slice(7) : address;
}
