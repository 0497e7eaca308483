import assert from 'node:assert/strict';

import { ADMINISTRATOR, Administrator } from '../support/administrator.ts';
import { useApp } from '../support/app.ts';
import {
  openChat,
  openFromList,
  PASSWORD,
  say,
  sees,
  signIn,
  type Looking,
  type Someone,
} from '../support/browser.ts';

const NEXT = 'better horse battery';
const GONE = 'This link no longer works. Ask the person who gave it to you for a new one.';

describe('somebody whom an administrator helps or suspends', () => {
  const app = useApp({ env: { PARLEY_ADMINS: ADMINISTRATOR } });
  let operator: Administrator;
  let ann: Someone;
  let ben: Someone;

  before(async () => {
    operator = await Administrator.of(app.parley);
    [ann, ben] = await Promise.all([app.enter('Ann'), app.enter('Ben')]);
    await openChat(ann, ben);
    await say(ann, 'Hello Ben');
  });

  const linkFor = async (user: Someone) => {
    const { link } = await operator.does('password-reset', user);
    return app.origin + String(link);
  };
  const newPassword = ({ page }: Looking) =>
    page.getByRole('textbox', { name: 'New password', exact: true });
  const set = async (looking: Looking, password: string) => {
    await newPassword(looking).fill(password);
    await looking.page.getByRole('button', { name: 'Set password' }).click();
  };
  const atSignIn = ({ page }: Looking) =>
    page.getByRole('heading', { name: 'Sign in to Parley' }).waitFor();

  it('sets a new password with a link, is told beside the field what is wrong, and is signed out', async () => {
    const elsewhere = await app.open();
    const link = await linkFor(ben);
    await elsewhere.page.goto(link);
    await elsewhere.page.getByRole('heading', { name: 'Choose a new password' }).waitFor();
    for (const [refused, why] of [
      ['short', 'Use at least 8 characters.'],
      ['password1', 'This password cannot be used. Choose one that is harder to guess.'],
    ] as const) {
      await set(elsewhere, refused);
      const field = newPassword(elsewhere).and(elsewhere.page.locator('[aria-invalid=true]'));
      await field.waitFor();
      await elsewhere.page.getByText(why).waitFor();
      const note = await field.getAttribute('aria-describedby');
      assert.equal(await elsewhere.page.locator(`[id="${note}"]`).textContent(), why);
      assert.equal(await newPassword(elsewhere).inputValue(), refused);
    }
    await set(elsewhere, NEXT);
    await elsewhere.page.getByText('Your password is changed. Sign in with it.').waitFor();
    await atSignIn(elsewhere);
    assert.equal(elsewhere.page.url(), `${app.origin}/`);
    await ben.page.getByText('You were signed out on this device.').waitFor();

    await signIn(ben, ben.username, NEXT);
    await elsewhere.page.goto(link);
    await set(elsewhere, NEXT);
    await elsewhere.page.getByRole('alert').getByText(GONE).waitFor();
    await elsewhere.context.close();
  });

  it('is told that a link is of no use if it is cut off or was replaced', async () => {
    const old = await linkFor(ben);
    const link = await linkFor(ben);
    const elsewhere = await app.open();
    for (const useless of [old, link.slice(0, -1), link.split('#')[0] ?? '']) {
      await elsewhere.page.goto(useless);
      await elsewhere.page.reload();
      await set(elsewhere, PASSWORD);
      await elsewhere.page.getByRole('alert').getByText(GONE).waitFor();
    }
    await elsewhere.page.getByRole('button', { name: 'Sign in instead' }).click();
    await atSignIn(elsewhere);
    await elsewhere.context.close();
  });

  it('is signed out when suspended, is told why, and has everything once restored', async () => {
    await operator.does('suspend', ben);
    await atSignIn(ben);
    await ben.page.getByRole('textbox', { name: 'Username' }).fill(ben.username);
    await ben.page.getByRole('textbox', { name: 'Password', exact: true }).fill(NEXT);
    await ben.page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await ben.page.getByRole('alert').getByText('This account is suspended.').waitFor();

    await say(ann, 'Where are you?');
    await operator.does('restore', ben);
    await ben.page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await openFromList(ben, 'Ann');
    await sees(ben, 'Hello Ben');
    await sees(ben, 'Where are you?');
  });
});
