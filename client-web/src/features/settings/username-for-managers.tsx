import { useSelf } from '../../services.ts';

/** Tells password managers which account the password belongs to. */
export function UsernameForManagers() {
  const self = useSelf();
  return (
    <input
      className="visually-hidden"
      type="text"
      name="username"
      autoComplete="username"
      value={self.username ?? ''}
      readOnly
      tabIndex={-1}
      aria-hidden="true"
    />
  );
}
