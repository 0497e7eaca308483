/** How long in milliseconds a message stays claimed; open tabs receive it at about the same time. */
const HELD = 3_000;
/** How long in milliseconds a tab waits for one that shows the message. */
const GIVES_WAY = 150;

/**
 * Lets one tab of the browser handle a message: the tab that shows it, otherwise any one.
 * Resolves to whether this tab is the one.
 */
export async function claimAlert(entryId: string, isShown: boolean): Promise<boolean> {
  const { locks } = navigator as Partial<Pick<Navigator, 'locks'>>;
  // On plain http there are no locks: then each tab handles the message.
  if (locks === undefined) return true;
  if (!isShown) await pause(GIVES_WAY);
  return new Promise((resolve) => {
    locks
      .request(`parley:alert:${entryId}`, { ifAvailable: true }, (lock) => {
        resolve(lock !== null);
        return lock === null ? undefined : pause(HELD);
      })
      .catch(() => resolve(true));
  });
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
