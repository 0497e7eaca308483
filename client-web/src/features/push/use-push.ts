import { useEffect } from 'react';

import { useParts } from '../../parts.ts';
import { parseRoute } from '../../route.ts';
import { useNavigation } from '../../services.ts';
import { readAlertSettings } from '../alerts/alert-settings.ts';
import { onOpenRequest } from './registration.ts';

/** Registers for push at startup if notifications are enabled, and handles clicks on notifications. */
export function usePush(): void {
  const { push } = useParts();
  const navigation = useNavigation();
  useEffect(() => {
    if (readAlertSettings().desktop) void push.enable();
  }, [push]);
  useEffect(
    () =>
      onOpenRequest((path) => {
        const { pathname, search } = new URL(path, location.origin);
        navigation.go(parseRoute(pathname, search));
      }),
    [navigation],
  );
}
