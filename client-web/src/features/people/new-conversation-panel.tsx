import './people.css';

import type { PublicProfile } from '@parley/common/contract';
import { Heart, Users } from 'lucide-react';
import { useState } from 'react';

import { useClient, useReadable } from '../../client-context.ts';
import { useParts } from '../../parts.ts';
import { useNavigation } from '../../services.ts';
import { texts } from '../../texts/index.ts';
import { errorText } from '../../ui/error-text.ts';
import { focusMessageFieldSoon } from '../../ui/message-field.ts';
import { useNotice } from '../../ui/notice.tsx';
import { Panel } from '../../ui/panel.tsx';
import { PeopleFinder } from './people-finder.tsx';
import { PersonRow } from './person-row.tsx';

/** Finds a user and opens the conversation with them. */
export function NewConversationPanel() {
  const navigation = useNavigation();
  const [query, setQuery] = useState('');
  const start = useStartConversation();
  return (
    <Panel title={texts.people.title} onBack={() => navigation.close({ panel: null })}>
      <PeopleFinder
        query={query}
        onQuery={setQuery}
        autoFocus
        onPick={(person) => void start(person)}
        renderPerson={(person) => <PersonRow person={person} onSelect={() => void start(person)} />}
      >
        {query.trim() === '' && (
          <button
            type="button"
            className="person"
            onClick={() => navigation.replace({ panel: 'group' })}
          >
            <span className="person-icon">
              <Users size={20} aria-hidden />
            </span>
            <span className="person-name">{texts.people.newGroup}</span>
          </button>
        )}
        {query.trim() === '' && <LinkEntry />}
      </PeopleFinder>
    </Panel>
  );
}

/** A link to the partner page for users without a partner. */
function LinkEntry() {
  const navigation = useNavigation();
  const { status } = useReadable(useParts().partner.partner);
  if (status !== 'none') return null;
  return (
    <button
      type="button"
      className="person"
      onClick={() => navigation.replace({ panel: 'partner' })}
    >
      <span className="person-icon">
        <Heart size={20} aria-hidden />
      </span>
      <span className="person-name">{texts.partner.begin}</span>
    </button>
  );
}

/** Opens the direct conversation with a user; shows the reason if that is not possible. */
export function useStartConversation(): (person: PublicProfile) => Promise<void> {
  const client = useClient();
  const navigation = useNavigation();
  const { say } = useNotice();
  const [busy, setBusy] = useState(false);
  return async (person) => {
    if (busy) return;
    setBusy(true);
    try {
      const conversationId = await client.createDirect(person.id);
      navigation.replace({ conversationId, details: false, panel: null });
      focusMessageFieldSoon();
    } catch (error) {
      say(errorText(error));
    } finally {
      setBusy(false);
    }
  };
}
