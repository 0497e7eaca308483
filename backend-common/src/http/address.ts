import { isIP, isIPv4 } from 'node:net';
import ipaddr from 'ipaddr.js';

/** An IP address, however it was written. */
export type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** `host:port` of IPv4, and `[host]` or `[host]:port` of IPv6, as some proxies write them. */
const WITH_PORT = /^(?:(\d+\.\d+\.\d+\.\d+):\d{1,5}|\[([^\]]+)\](?::\d{1,5})?)$/;

/**
 * Reads an address with or without a port; an IPv4 address that is mapped into IPv6 (`::ffff:…`) is the IPv4 address.
 * `undefined` where the text is no address.
 */
export function parseAddress(text: string): Address | undefined {
  const trimmed = text.trim();
  const [, ipv4, ipv6] = WITH_PORT.exec(trimmed) ?? [];
  const bare = ipv4 ?? ipv6 ?? trimmed;
  // Stricter than the library, which takes `10.1` and `0x7f.1` too.
  return isIP(bare) === 0 ? undefined : ipaddr.process(bare);
}

/**
 * What counts as one address in limits: an IPv4 address, or the /64 of an IPv6 address, because a subscriber gets at
 * least that many (RFC 6177). A text that is no address counts as itself.
 */
export function addressGroup(text: string): string {
  // The usual case, without parsing: this is called several times for each connection.
  if (isIPv4(text)) return text;
  const address = parseAddress(text);
  if (address === undefined) return text;
  if (address instanceof ipaddr.IPv4) return address.toString();
  return `${address.parts
    .slice(0, 4)
    .map((part) => part.toString(16))
    .join(':')}::/64`;
}
