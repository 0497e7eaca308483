import './settings.css';

import {
  Ban,
  Bell,
  Heart,
  Keyboard,
  KeyRound,
  Lock,
  LogOut,
  MonitorSmartphone,
  SunMoon,
  UserX,
} from 'lucide-react';
import { type ReactNode, useState } from 'react';

import { useClient, useReadable } from '../../client-context.ts';
import type { Panel as PanelName } from '../../route.ts';
import { useNavigation, useSelf, useServices } from '../../services.ts';
import { texts } from '../../texts/index.ts';
import { Avatar } from '../../ui/avatar.tsx';
import { Confirm } from '../../ui/dialog.tsx';
import { errorText } from '../../ui/error-text.ts';
import { useNotice } from '../../ui/notice.tsx';
import { Panel } from '../../ui/panel.tsx';
import { handleOf, personName } from '../people/person-name.ts';

const { settings } = texts;

/** The settings pages below the profile, in their order. */
const PAGES: readonly SettingsLinkProps[] = [
  {
    panel: 'partner',
    icon: <Heart size={20} />,
    title: texts.partner.title,
    hint: texts.partner.settingsHint,
  },
  {
    panel: 'privacy',
    icon: <Lock size={20} />,
    title: settings.privacy,
    hint: settings.privacyHint,
  },
  {
    panel: 'blocked',
    icon: <Ban size={20} />,
    title: texts.blocks.settings,
    hint: texts.blocks.settingsHint,
  },
  {
    panel: 'notifications',
    icon: <Bell size={20} />,
    title: settings.notifications,
    hint: settings.notificationsHint,
  },
  {
    panel: 'appearance',
    icon: <SunMoon size={20} />,
    title: settings.appearance,
    hint: settings.appearanceHint,
  },
  {
    panel: 'devices',
    icon: <MonitorSmartphone size={20} />,
    title: settings.sessions,
    hint: settings.sessionsHint,
  },
  {
    panel: 'password',
    icon: <KeyRound size={20} />,
    title: settings.password,
    hint: settings.passwordHint,
  },
  {
    panel: 'keyboard',
    icon: <Keyboard size={20} />,
    title: settings.shortcuts,
    hint: settings.shortcutsHint,
  },
];

/** The list of settings pages. */
export function SettingsPanel() {
  const navigation = useNavigation();
  const self = useSelf();
  return (
    <Panel title={settings.title} onBack={() => navigation.close({ panel: null })}>
      <div className="settings-scroll scroll">
        <SettingsLink
          panel="profile"
          icon={<Avatar id={self.id} name={personName(self)} />}
          title={personName(self)}
          hint={handleOf(self)}
        />
        {PAGES.map((page) => (
          <SettingsLink key={page.panel} {...page} />
        ))}
        <SignOutButton />
        <DeleteAccountLink />
      </div>
    </Panel>
  );
}

interface SettingsLinkProps {
  readonly panel: PanelName;
  readonly icon: ReactNode;
  readonly title: string;
  readonly hint: string;
}

function SettingsLink({ panel, icon, title, hint }: SettingsLinkProps) {
  const navigation = useNavigation();
  return (
    <button
      type="button"
      className="settings-link"
      data-opens={panel}
      onClick={() => navigation.go({ panel })}
    >
      <span className="settings-icon">{icon}</span>
      <span className="settings-text">
        <span className="truncate">
          <bdi>{title}</bdi>
        </span>
        <span className="quiet truncate">{hint}</span>
      </span>
    </button>
  );
}

function DeleteAccountLink() {
  const navigation = useNavigation();
  return (
    <button
      type="button"
      className="settings-link settings-danger"
      data-opens="delete-account"
      onClick={() => navigation.go({ panel: 'delete-account' })}
    >
      <span className="settings-icon">
        <UserX size={20} aria-hidden />
      </span>
      <span className="settings-text">{settings.deleteAccount}</span>
    </button>
  );
}

function SignOutButton() {
  const [asking, setAsking] = useState(false);
  const signOut = useSignOut();
  const loss = useLoss();
  return (
    <>
      <button
        type="button"
        className="settings-link settings-danger"
        onClick={() => setAsking(true)}
      >
        <span className="settings-icon">
          <LogOut size={20} aria-hidden />
        </span>
        <span className="settings-text">{texts.settings.signOut}</span>
      </button>
      {asking && (
        <Confirm
          title={texts.settings.signOutTitle}
          message={texts.settings.signOutLoses[loss]}
          action={texts.settings.signOut}
          onConfirm={() => void signOut()}
          onClose={() => setAsking(false)}
        />
      )}
    </>
  );
}

/** What signing out would delete for good: messages that are not sent yet, or drafts. */
function useLoss(): 'messages' | 'drafts' | 'nothing' {
  const { conversations } = useReadable(useClient().conversations);
  // A message that waits is the last of its conversation and has no number yet.
  if (conversations.some(({ lastMessage }) => lastMessage?.seq === null)) return 'messages';
  return conversations.some(({ draft }) => draft.trim() !== '') ? 'drafts' : 'nothing';
}

/** Tells the server, then removes what this device keeps of the person. */
function useSignOut(): () => Promise<void> {
  const { session, navigation } = useServices();
  const client = useClient();
  const { say } = useNotice();
  return async () => {
    try {
      await session.logout(() => client.signOut());
      navigation.reset();
    } catch (error) {
      say(errorText(error));
    }
  };
}
