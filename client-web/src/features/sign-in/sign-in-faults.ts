import { texts } from '../../texts/index.ts';
import { codeOf, errorText } from '../../ui/error-text.ts';
import type { SignInFaults } from './check-input.ts';

/** Maps an error of the server to the field that it concerns, if there is one. */
export function faultsOf(error: unknown): SignInFaults {
  if (codeOf(error) === 'username_taken') return { username: errorText(error) };
  if (codeOf(error) !== 'invalid_input') return {};
  const issues = (error as { issues?: readonly { path: string }[] }).issues ?? [];
  const about = (field: string) => issues.some(({ path }) => path.split('.')[0] === field);
  return {
    ...(about('username') ? { username: texts.signIn.usernameInvalid } : {}),
    ...(about('password') ? { password: texts.signIn.passwordCommon } : {}),
    ...(about('displayName') ? { displayName: texts.signIn.nameRefused } : {}),
  };
}
