import { useState } from 'react';

/** What this device does when a message comes while nobody looks. */
export interface AlertSettings {
  readonly desktop: boolean;
  readonly sound: boolean;
}

const KEY = 'parley:alerts';

/** The settings of this device; everything is off until somebody asks for it. */
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
    // Storage is forbidden: the choice holds until the page is closed.
  }
}

const supported = () => typeof Notification !== 'undefined';
const allowed = () => supported() && Notification.permission === 'granted';

/** The settings, and how to change them. The browser asks only after the person did. */
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
