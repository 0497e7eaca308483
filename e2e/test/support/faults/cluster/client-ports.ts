import { readFileSync, readdirSync, readlinkSync } from 'node:fs';

import type { LinkConnection } from '../../links/link-fault.ts';

/** The local ports of the TCP sockets of a process; empty where the system does not list them. */
function portsOf(pid: number): Set<number> {
  try {
    const files = readdirSync(`/proc/${pid}/fd`).map((file) => linkOf(`/proc/${pid}/fd/${file}`));
    const inodes = new Set(files.flatMap((file) => /^socket:\[(\d+)\]$/.exec(file)?.[1] ?? []));
    const rows = readFileSync('/proc/net/tcp', 'utf8').trim().split('\n').slice(1);
    const ports = rows.flatMap((row) => {
      const cells = row.trim().split(/ +/);
      const port = Number.parseInt(cells[1]?.split(':')[1] ?? '', 16);
      return inodes.has(cells[9] ?? '') ? [port] : [];
    });
    return new Set(ports);
  } catch {
    return new Set();
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    // The socket has been closed.
    return '';
  }
}

/** Selects the connections that a process has opened. Linux only. */
export function openedBy(pid: number): (connection: LinkConnection) => boolean {
  const known = new Map<number, boolean>();
  return ({ clientPort }) => {
    const found = known.get(clientPort) ?? portsOf(pid).has(clientPort);
    known.set(clientPort, found);
    return found;
  };
}
