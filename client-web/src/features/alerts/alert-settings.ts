import { useState } from 'react';

/** How this device alerts the user to a message while the page is not in view. */
export interface AlertSettings {
  readonly desktop: boolean;
  readonly sound: boolean;
}

const KEY = 'parley:alerts';

/** The default settings: everything is off until the user enables it. */
export function readAlertSettings(): AlertSettings {
  try {
    const stored = JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<AlertSettings>;
    return { desktop: stored.desktop === true && allowed(), sound: stored.sound === true };
  } catch {
    return { desktop: false, sound: false };
  }
}

function writeAlertSettings(settings: AlertSettings): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(settings));
  } catch {
    // Storage is blocked: the choice lasts until the page is closed.
  }
}

const supported = () => typeof Notification !== 'undefined';
const allowed = () => supported() && Notification.permission === 'granted';

/** The alert settings and their setter. Browser permission is requested only after the user enables alerts. */
export function useAlertSettings() {
  const [settings, setSettings] = useState(readAlertSettings);
  const [denied, setDenied] = useState(() => !supported() || Notification.permission === 'denied');
  const set = (change: Partial<AlertSettings>) => {
    const next = { ...settings, ...change };
    writeAlertSettings(next);
    setSettings(next);
  };
  const setDesktop = async (on: boolean) => {
    const answer = on ? await Notification.requestPermission() : 'default';
    setDenied(answer === 'denied');
    set({ desktop: answer === 'granted' });
    return answer === 'granted';
  };
  return { ...settings, denied, setDesktop, setSound: (sound: boolean) => set({ sound }) };
}
