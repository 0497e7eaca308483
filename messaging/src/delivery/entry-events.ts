import type { Infrastructure } from '../infrastructure.ts';
import type { Cluster } from '../transport/cluster/cluster.ts';
import type { EntryEvents } from './ports.ts';

/**
 * The cluster events with entries. They go through the channel of entries, and also through the Socket.IO adapter as
 * long as a node may run that does not read the channel: a node of a former version, which publishes through the adapter
 * only. The second copy of an entry is dropped by its `seq`.
 */
export function createEntryEvents(
  cluster: Pick<Cluster, 'channel' | 'entries' | 'nodes'>,
  { entryHops, metrics }: Pick<Infrastructure, 'entryHops' | 'metrics'>,
): EntryEvents {
  const former = cluster.channel('entries', 'entries_event_unreadable');
  const { entries, nodes } = cluster;
  const events = metrics.counter(
    'parley_entry_events_total',
    'Events with entries of one conversation that arrived from other nodes, by whether their entries were decoded',
    { result: ['decoded', 'skipped'] },
  );
  return {
    publish(documents) {
      entries?.publish(documents);
      if (!nodes.readEntryChannel()) former.publish(documents);
    },
    subscribe(listener, concerns) {
      const received: typeof listener = (documents, from) => {
        events.inc({ result: 'decoded' });
        // Measured after they were handed over.
        listener(documents, from);
        entryHops.received(documents);
      };
      former.subscribe(received);
      entries?.subscribe({
        received,
        concerns(header) {
          if (concerns(header)) return true;
          events.inc({ result: 'skipped' });
          return false;
        },
      });
    },
  };
}
