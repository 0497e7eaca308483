import { useReadable } from '../../client-context.ts';
import { useParts } from '../../parts.ts';
import { useAlertSettings } from './alert-settings.ts';

/** The alert settings with the push state: enabling notifications also registers for push messages. */
export function useDesktopAlerts() {
  const alerts = useAlertSettings();
  const { push } = useParts();
  const pushState = useReadable(push);
  const setDesktop = async (wanted: boolean) => {
    const isOn = await alerts.setDesktop(wanted);
    await (isOn ? push.enable() : push.disable());
  };
  return { ...alerts, pushState, setDesktop };
}
