import './shell.css';

import { type ReactNode, useEffect, useRef } from 'react';

import { useClient, useHandle, useReadable } from './client-context.ts';
import { AlertOffer } from './features/alerts/alert-offer.tsx';
import { useAlerts, useUnreadBadge } from './features/alerts/use-alerts.ts';
import { BlockedPanel } from './features/blocks/blocked-panel.tsx';
import { ConnectionBanner } from './features/conversations/connection-banner.tsx';
import { ConversationPane, NoConversation } from './features/conversations/conversation-pane.tsx';
import { ListPane } from './features/conversations/list-pane.tsx';
import { useShortcuts } from './features/conversations/use-shortcuts.ts';
import { DetailsPane } from './features/details/details-pane.tsx';
import { PartnerPanel } from './features/partner/partner-panel.tsx';
import { usePush } from './features/push/use-push.ts';
import { usePartnerLinkNotices } from './features/partner/use-partner-link-notices.ts';
import { NewConversationPanel } from './features/people/new-conversation-panel.tsx';
import { NewGroupPanel } from './features/people/new-group-panel.tsx';
import { conversationName } from './features/people/person-name.ts';
import { AppearancePanel } from './features/settings/appearance-panel.tsx';
import { DeleteAccountPanel } from './features/settings/delete-account-panel.tsx';
import { DevicesPanel } from './features/settings/devices-panel.tsx';
import { KeyboardPanel } from './features/settings/keyboard-panel.tsx';
import { NotificationsPanel } from './features/settings/notifications-panel.tsx';
import { PasswordPanel } from './features/settings/password-panel.tsx';
import { PrivacyPanel } from './features/settings/privacy-panel.tsx';
import { ProfilePanel } from './features/settings/profile-panel.tsx';
import { SettingsPanel } from './features/settings/settings-panel.tsx';
import { type Panel, paneOf } from './route.ts';
import { useRoute, useServices } from './services.ts';
import { texts } from './texts/index.ts';
import { classNames } from './ui/class-names.ts';
import { useLeaveQuestion } from './ui/use-leave-question.ts';
import { useNarrow } from './ui/use-narrow.ts';
import { useKeptFocus } from './use-kept-focus.ts';
import { useReturnFocus } from './use-return-focus.ts';

const PANEL_PAGES: Readonly<Record<Exclude<Panel, 'archived'>, () => ReactNode>> = {
  new: NewConversationPanel,
  group: NewGroupPanel,
  partner: PartnerPanel,
  settings: SettingsPanel,
  profile: ProfilePanel,
  privacy: PrivacyPanel,
  blocked: BlockedPanel,
  notifications: NotificationsPanel,
  appearance: AppearancePanel,
  password: PasswordPanel,
  devices: DevicesPanel,
  keyboard: KeyboardPanel,
  'delete-account': DeleteAccountPanel,
};

/** The signed-in app: the list or a panel, the open conversation, and its details. */
export function Shell() {
  const route = useRoute();
  const search = useRef<HTMLInputElement>(null);
  const field = useRef<HTMLTextAreaElement>(null);
  useShortcuts({ search, field });
  useUnreadBadge();
  useAlerts();
  usePartnerLinkNotices();
  usePush();
  useLeaveWhenSignedOut();
  useLeaveQuestion(useReadable(useClient().isLosing));
  useReturnFocus(route);
  useKeptFocus();

  const { conversationId, details } = route;
  const pane = paneOf(route);
  const narrow = useNarrow();
  return (
    <main className={classNames('shell', details && 'shell-details')} data-pane={pane}>
      <h1 className="visually-hidden">{texts.common.appName}</h1>
      <nav className="pane-list" aria-label={texts.list.region}>
        <FirstColumn panel={route.panel} search={search} />
        <AlertOffer />
        {(!narrow || pane === 'list') && <ConnectionBanner />}
      </nav>
      {conversationId === null ? (
        <section className="pane-main" aria-label={texts.conversation.none}>
          <NoConversation />
        </section>
      ) : (
        <ConversationSection key={conversationId} conversationId={conversationId} field={field} />
      )}
      {conversationId !== null && details && (
        <section className="pane-details" aria-label={texts.conversation.details}>
          <DetailsPane key={conversationId} conversationId={conversationId} />
        </section>
      )}
    </main>
  );
}

interface FirstColumnProps {
  readonly panel: Panel | null;
  readonly search: React.RefObject<HTMLInputElement | null>;
}

function FirstColumn({ panel, search }: FirstColumnProps) {
  if (panel === null || panel === 'archived') {
    return <ListPane key={panel} archived={panel === 'archived'} searchRef={search} />;
  }
  const Page = PANEL_PAGES[panel];
  return <Page key={panel} />;
}

interface ConversationSectionProps {
  readonly conversationId: string;
  readonly field: React.RefObject<HTMLTextAreaElement | null>;
}

function ConversationSection({ conversationId, field }: ConversationSectionProps) {
  const info = useReadable(useHandle(conversationId).info);
  const label = info === null ? texts.conversation.missing : conversationName(info);
  return (
    <section className="pane-main" aria-label={label}>
      <ConversationPane conversationId={conversationId} fieldRef={field} />
    </section>
  );
}

/** Signs the user out of the app when the server reports that the session ended. */
function useLeaveWhenSignedOut() {
  const client = useClient();
  const { session } = useServices();
  const { status } = useReadable(client.connection);
  useEffect(() => {
    if (status === 'signed-out') session.end(true);
  }, [status, session]);
}
