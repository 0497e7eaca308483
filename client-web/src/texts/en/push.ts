/** Texts about notifications while no page is open. */
export const push = {
  hint: 'Also while Parley is closed',
  failed:
    'Only while Parley is open: this browser could not be registered. Switch it off and on to try again.',
};
