import './ui/tokens.css';
import './ui/base.css';
import './ui/controls.css';
import './ui/overlay.css';

import type { Client } from '@parley/client-common';
import type { User } from '@parley/common/contract';
import { CloudOff } from 'lucide-react';
import { type ReactNode, useEffect, useState, useSyncExternalStore } from 'react';

import { ClientContext } from './client-context.ts';
import { SignInPage } from './features/sign-in/sign-in-page.tsx';
import { PartsContext, startParts } from './parts.ts';
import { type Services, ServicesContext, useServices } from './services.ts';
import { Shell } from './shell.tsx';
import { texts } from './texts/index.ts';
import { Button } from './ui/button.tsx';
import { EmptyState } from './ui/empty-state.tsx';
import { NoticeProvider } from './ui/notice.tsx';

/** The whole app, around services made elsewhere. */
export function App({ services }: { readonly services: Services }) {
  return (
    <ServicesContext value={services}>
      <NoticeProvider>
        <Gate />
      </NoticeProvider>
    </ServicesContext>
  );
}

/** Shows the app to who is signed in and the sign-in page to everybody else. */
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
          <Shell />
        </WithClient>
      );
  }
}

interface WithClientProps {
  readonly user: User;
  readonly children: ReactNode;
}

/**
 * Runs the client of a person for as long as that person is signed in. Once the session is over,
 * from here or from elsewhere, nothing of the conversations stays on the device.
 */
function WithClient({ user, children }: WithClientProps) {
  const { makeClient, makeParts, session } = useServices();
  const [client] = useState<Client>(() => makeClient(user));
  const [parts] = useState(() => makeParts(client));
  useEffect(() => {
    const stopParts = startParts(parts);
    // What is changed of the own profile on another device is changed here too.
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
