import './ui/tokens.css';
import './ui/base.css';
import './ui/controls.css';
import './ui/overlay.css';

import type { Client } from '@parley/client-common';
import type { User } from '@parley/common/contract';
import { CircleAlert, CloudOff } from 'lucide-react';
import { type ReactNode, useEffect, useState, useSyncExternalStore } from 'react';

import { ClientContext } from './client-context.ts';
import { PasswordResetPage } from './features/password-reset/password-reset-page.tsx';
import { SignInPage } from './features/sign-in/sign-in-page.tsx';
import { PartsContext, startParts } from './parts.ts';
import { type Services, ServicesContext, useServices } from './services.ts';
import { Shell } from './shell.tsx';
import { texts } from './texts/index.ts';
import { Button } from './ui/button.tsx';
import { EmptyState } from './ui/empty-state.tsx';
import { ErrorBoundary } from './ui/error-boundary.tsx';
import { NoticeProvider } from './ui/notice.tsx';

/** The root component; its services are created elsewhere. */
export function App({ services }: { readonly services: Services }) {
  return (
    <ServicesContext value={services}>
      <NoticeProvider>
        <ErrorBoundary fallback={broken}>
          <Entrance />
        </ErrorBoundary>
      </NoticeProvider>
    </ServicesContext>
  );
}

/** Shows the page for a new password if a link to it was opened, and otherwise the app. */
function Entrance() {
  const { navigation, resetToken } = useServices();
  const [isReset, setReset] = useState(() => resetToken() !== null);
  if (!isReset) return <Gate />;
  const leave = () => {
    // The token must not stay in the address.
    navigation.reset();
    setReset(false);
  };
  return <PasswordResetPage onDone={leave} />;
}

/** Shows the app to a signed-in user and the sign-in page otherwise. */
function Gate() {
  const { session } = useServices();
  const state = useSyncExternalStore(session.subscribe, session.get, session.get);
  useEffect(() => void session.check(), [session]);
  switch (state.status) {
    case 'checking':
      return null;
    case 'unreachable':
      return <Unreachable onRetry={() => void session.check()} />;
    case 'signed-out':
      return <SignInPage ended={state.ended} />;
    case 'signed-in':
      return (
        <WithClient key={state.user.id} user={state.user}>
          <ErrorBoundary fallback={broken}>
            <Shell />
          </ErrorBoundary>
        </WithClient>
      );
  }
}

interface WithClientProps {
  readonly user: User;
  readonly children: ReactNode;
}

/**
 * Runs the user's client while the user is signed in. When the session is over, for whatever
 * reason, all conversation data is deleted from the device.
 */
function WithClient({ user, children }: WithClientProps) {
  const { makeClient, makeParts, session } = useServices();
  const [client] = useState<Client>(() => makeClient(user));
  const [parts] = useState(() => makeParts(client));
  useEffect(() => {
    const stopParts = startParts(parts);
    // Apply profile changes made on another device.
    const stopHearing = client.onEvent('profile', ({ id }) => {
      if (id === user.id) void session.check();
    });
    client.start();
    return () => {
      stopParts();
      stopHearing();
      if (session.get().status === 'signed-out') {
        void client.signOut();
        void parts.push.leave();
      } else client.stop();
    };
  }, [client, parts, session, user.id]);
  return (
    <ClientContext value={client}>
      <PartsContext value={parts}>{children}</PartsContext>
    </ClientContext>
  );
}

/** Shown instead of a part of the app that fails again and again. */
function broken(retry: () => void) {
  return (
    <main className="unreachable">
      <h1 className="visually-hidden">{texts.common.appName}</h1>
      <EmptyState icon={<CircleAlert size={28} />} title={texts.common.broken}>
        <Button variant="primary" onClick={retry}>
          {texts.common.tryAgain}
        </Button>
      </EmptyState>
    </main>
  );
}

function Unreachable({ onRetry }: { readonly onRetry: () => void }) {
  return (
    <main className="unreachable">
      <h1 className="visually-hidden">{texts.common.appName}</h1>
      <EmptyState icon={<CloudOff size={28} />} title={texts.errors.unavailable ?? ''}>
        <Button variant="primary" onClick={onRetry}>
          {texts.common.tryAgain}
        </Button>
      </EmptyState>
    </main>
  );
}
