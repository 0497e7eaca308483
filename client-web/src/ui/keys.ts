/** What is used of a key press, of React or of the browser. */
interface KeyPress {
  readonly key: string;
  readonly keyCode: number;
  readonly isComposing?: boolean;
  readonly nativeEvent?: { readonly isComposing: boolean };
}

/** The key code of keys that an input method has taken. */
const TAKEN = 229;

/**
 * Whether a key press belongs to an input method, which composes text. Safari sends the Enter that ends a composition
 * after its end, when `isComposing` is false again; only its key code still says so.
 */
export function isComposing({ keyCode, isComposing, nativeEvent }: KeyPress): boolean {
  return keyCode === TAKEN || isComposing === true || nativeEvent?.isComposing === true;
}

/** Whether a key press is an Enter that the user means as such. */
export function isEnter(event: KeyPress): boolean {
  return event.key === 'Enter' && !isComposing(event);
}
