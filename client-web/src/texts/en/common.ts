/** Texts used in several places. */
export const common = {
  appName: 'Parley',
  back: 'Back',
  cancel: 'Cancel',
  close: 'Close',
  done: 'Done',
  save: 'Save',
  notCopied: 'The text could not be copied. Select it and copy it yourself.',
  discardTitle: 'Discard what you wrote?',
  discardMessage: 'It has not been sent or saved.',
  discardAction: 'Discard',
  saved: 'Saved',
  tryAgain: 'Try again',
  broken: 'This page cannot be shown. Nothing that you wrote is lost.',
  loading: 'Loading…',
  you: 'You',
  more: 'More',
  deletedPerson: 'Deleted account',
  unknownPerson: 'Unknown user',
};

/** Times inside sentences. */
export const times = {
  today: (clock: string) => `at ${clock}`,
  yesterday: (clock: string) => `yesterday at ${clock}`,
  onDay: (date: string) => `on ${date}`,
  untilClock: (clock: string) => `until ${clock}`,
  untilMidnight: 'until midnight',
  untilTomorrow: (clock: string) => `until tomorrow, ${clock}`,
  untilDay: (day: string) => `until ${day}`,
};
