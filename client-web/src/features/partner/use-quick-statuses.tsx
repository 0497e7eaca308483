import type { StatusName } from '@parley/common/contract';
import { SlidersHorizontal } from 'lucide-react';

import { useClient } from '../../client-context.ts';
import { useNavigation } from '../../services.ts';
import { texts } from '../../texts/index.ts';
import type { MenuItem } from '../../ui/menu.tsx';
import { type Duration, endOf } from './durations.ts';
import { StatusMark } from './status-mark.tsx';
import { useSetStatus } from './use-status.ts';

const { partner } = texts;

type Timed = Exclude<Duration, 'open'>;

const QUICK: readonly (readonly [StatusName, Timed])[] = [
  ['BUSY', 'half'],
  ['BUSY', 'hour'],
  ['BUSY', 'tonight'],
  ['OFFLINE', 'tonight'],
];

/** Menu items for the most common statuses, and one that opens all choices. */
export function useQuickStatuses(): readonly MenuItem[] {
  const client = useClient();
  const navigation = useNavigation();
  const set = useSetStatus();
  return [
    {
      label: partner.statuses.AVAILABLE,
      icon: <StatusMark status="AVAILABLE" size={18} />,
      onSelect: () => void set('AVAILABLE', null),
    },
    ...QUICK.map(([status, duration]) => ({
      label: partner.quick[duration](partner.statuses[status]),
      icon: <StatusMark status={status} size={18} />,
      onSelect: () => void set(status, endOf(duration, client.now())),
    })),
    {
      label: partner.moreChoices,
      icon: <SlidersHorizontal size={18} />,
      onSelect: () => navigation.go({ panel: 'partner' }),
    },
  ];
}
