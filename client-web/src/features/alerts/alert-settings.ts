import { useState } from 'react';

import { safeStorage } from '../../session/safe-storage.ts';

/** How this device alerts the user to messages that are not on the screen. */
export interface AlertSettings {
  /** Notifications while the page is not in view. */
  readonly desktop: boolean;
  /** A sound for messages of conversations that are not being read. */
  readonly sound: boolean;
}

type Kept = Pick<Storage, 'getItem' | 'setItem'>;

const KEY = 'parley:alerts';
const OFFER_KEY = 'parley:alerts-offered';

/** The default settings: sound is on; notifications are off until the user enables them. */
export function readAlertSettings(storage: Kept = kept()): AlertSettings {
  const stored = parse(storage.getItem(KEY));
  return { desktop: stored.desktop === true && allowed(), sound: stored.sound !== false };
}

function parse(stored: string | null): Partial<AlertSettings> {
  try {
    return (JSON.parse(stored ?? '{}') ?? {}) as Partial<AlertSettings>;
  } catch {
    return {};
  }
}

const kept = (): Kept => safeStorage(() => localStorage);
const supported = () => typeof Notification !== 'undefined';
const allowed = () => supported() && Notification.permission === 'granted';

/** Whether notifications may be offered: the user has neither chosen nor answered an offer before. */
export function mayOffer(storage: Kept = kept()): boolean {
  return (
    supported() && Notification.permission === 'default' && storage.getItem(OFFER_KEY) === null
  );
}

/** Remembers that the user has answered the offer. */
export function rememberOffer(storage: Kept = kept()): void {
  storage.setItem(OFFER_KEY, 'answered');
}

/** The alert settings and their setter. Browser permission is requested only after the user enables alerts. */
export function useAlertSettings() {
  const [settings, setSettings] = useState(() => readAlertSettings());
  const [denied, setDenied] = useState(() => !supported() || Notification.permission === 'denied');
  const set = (change: Partial<AlertSettings>) => {
    const next = { ...settings, ...change };
    kept().setItem(KEY, JSON.stringify(next));
    setSettings(next);
  };
  const setDesktop = async (on: boolean) => {
    rememberOffer();
    const answer = on ? await Notification.requestPermission() : 'default';
    setDenied(answer === 'denied');
    set({ desktop: answer === 'granted' });
    return answer === 'granted';
  };
  return { ...settings, denied, setDesktop, setSound: (sound: boolean) => set({ sound }) };
}
