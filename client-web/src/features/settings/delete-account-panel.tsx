import { useClient } from '../../client-context.ts';
import { useServices } from '../../services.ts';
import { texts } from '../../texts/index.ts';
import { codeOf, errorText } from '../../ui/error-text.ts';
import { Panel } from '../../ui/panel.tsx';
import { type PasswordFaults, PasswordForm } from './password-form.tsx';

/** Says what deleting the account does, and deletes it when the password is typed. */
export function DeleteAccountPanel() {
  const { navigation, session } = useServices();
  const client = useClient();
  const remove = async (data: FormData) => {
    try {
      await session.deleteAccount(data.get('current') as string, () => client.signOut());
      navigation.reset();
      return null;
    } catch (error) {
      return refusalOf(error);
    }
  };
  return (
    <Panel
      title={texts.settings.deleteAccount}
      onBack={() => navigation.close({ panel: 'settings' })}
    >
      <PasswordForm
        label={texts.settings.deleteAccountPassword}
        action={texts.settings.deleteAccountAction}
        variant="danger"
        intro={<WhatIsDeleted />}
        submit={remove}
      />
    </Panel>
  );
}

function WhatIsDeleted() {
  return (
    <>
      <p>{texts.settings.deleteAccountIntro}</p>
      <ul className="settings-points">
        {texts.settings.deleteAccountPoints.map((point) => (
          <li key={point}>{point}</li>
        ))}
      </ul>
    </>
  );
}

function refusalOf(error: unknown): PasswordFaults {
  return codeOf(error) === 'invalid_credentials'
    ? { current: texts.settings.passwordWrong }
    : { form: errorText(error) };
}
