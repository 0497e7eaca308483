import type { Platform } from '../core/platform.ts';
import { memoryPlatform } from './memory.ts';

/** The part of `@react-native-async-storage/async-storage` that is used. */
export interface AsyncStorageLike {
  getItem(key: string): Promise<string | null>;
  setItem(key: string, value: string): Promise<void>;
  removeItem(key: string): Promise<void>;
  getAllKeys(): Promise<readonly string[]>;
}

/** The part of React Native's `AppState` that is used. */
export interface AppStateLike {
  readonly currentState?: string | null | undefined;
  addEventListener(type: 'change', listener: (state: string) => void): { remove(): void };
}

/** What a React Native app provides, so that this package does not import React Native. */
export interface ReactNativeParts {
  readonly asyncStorage: AsyncStorageLike;
  readonly appState: AppStateLike;
  /** For instance with `NetInfo.addEventListener`. Returns a function that unsubscribes. */
  readonly onOnlineChange?: (listener: (online: boolean) => void) => () => void;
}

/** The platform of a React Native app. */
export function reactNativePlatform(parts: ReactNativeParts): Platform {
  const { asyncStorage, appState, ...rest } = parts;
  return {
    ...memoryPlatform(),
    ...rest,
    storage: {
      get: (key) => asyncStorage.getItem(key),
      set: (key, value) => asyncStorage.setItem(key, value),
      remove: (key) => asyncStorage.removeItem(key),
      keys: () => asyncStorage.getAllKeys(),
    },
    isVisible: () => appState.currentState === 'active',
    onVisibilityChange: (listener) => {
      const subscription = appState.addEventListener('change', (state) =>
        listener(state === 'active'),
      );
      return () => subscription.remove();
    },
  };
}
