import './conversations.css';

import type { ConversationList as Conversations } from '@parley/client-common';
import {
  Archive,
  ArrowLeft,
  MessageCirclePlus,
  MessagesSquare,
  Search,
  Settings,
  X,
} from 'lucide-react';
import { type RefObject, useCallback, useState } from 'react';

import { useClient, useReadable } from '../../client-context.ts';
import { useNavigation } from '../../services.ts';
import { texts } from '../../texts/index.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { isComposing, isEnter } from '../../ui/keys.ts';
import { EmptyState } from '../../ui/empty-state.tsx';
import { focusMessageFieldSoon } from '../../ui/message-field.ts';
import { PartnerCard } from '../partner/partner-card.tsx';
import { ConversationList } from './conversation-list.tsx';
import { filterConversations } from './filter-conversations.ts';

export interface ListPaneProps {
  /** Whether the archive is shown. */
  readonly archived: boolean;
  readonly searchRef: RefObject<HTMLInputElement | null>;
}

/** The first column: the conversation list with its search and menu. */
export function ListPane({ archived, searchRef }: ListPaneProps) {
  const list = useReadable(useClient().conversations);
  const [query, setQuery] = useState('');
  const navigation = useNavigation();
  const shown = filterConversations(list.conversations, { archived, query });
  const clear = useCallback(() => setQuery(''), []);
  const openFirst = () => {
    const [first] = shown;
    if (query.trim() === '' || first === undefined) return;
    clear();
    navigation.go({ conversationId: first.id, details: false });
    focusMessageFieldSoon();
  };
  return (
    <>
      {archived ? <ArchiveHead /> : <ListHead />}
      <SearchField
        value={query}
        onChange={setQuery}
        onEnter={openFirst}
        onDown={() => document.querySelector<HTMLElement>('.list-rows [tabindex="0"]')?.focus()}
        inputRef={searchRef}
      />
      {!archived && query.trim() === '' && (
        <>
          <PartnerCard />
          <ArchiveLink list={list} />
        </>
      )}
      {shown.length > 0 ? (
        <ConversationList conversations={shown} onOpen={clear} before={searchRef} />
      ) : (
        <NothingHere list={list} archived={archived} query={query} />
      )}
    </>
  );
}

function ListHead() {
  const navigation = useNavigation();
  return (
    <header className="pane-head">
      <h2 className="pane-title">{texts.list.heading}</h2>
      <IconButton
        label={texts.list.new}
        data-opens="new"
        onClick={() => navigation.go({ panel: 'new' })}
      >
        <MessageCirclePlus size={22} aria-hidden />
      </IconButton>
      <IconButton
        label={texts.list.settings}
        data-opens="settings"
        onClick={() => navigation.go({ panel: 'settings' })}
      >
        <Settings size={22} aria-hidden />
      </IconButton>
    </header>
  );
}

function ArchiveHead() {
  const navigation = useNavigation();
  return (
    <header className="pane-head">
      <IconButton label={texts.common.back} onClick={() => navigation.close({ panel: null })}>
        <ArrowLeft className="icon-mirror" size={22} aria-hidden />
      </IconButton>
      <h2 className="pane-title">{texts.list.archived}</h2>
    </header>
  );
}

interface SearchFieldProps {
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly onEnter: () => void;
  /** Called on the arrow key that leads into the list. */
  readonly onDown: () => void;
  readonly inputRef: RefObject<HTMLInputElement | null>;
}

function SearchField({ value, onChange, onEnter, onDown, inputRef }: SearchFieldProps) {
  return (
    <div className="search" role="search">
      <Search size={18} aria-hidden />
      <input
        ref={inputRef}
        type="search"
        className="search-input"
        aria-label={texts.list.search}
        placeholder={texts.list.search}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={(event) => {
          if (isComposing(event)) return;
          if (isEnter(event)) {
            // The composer that opens would get the key as a line break.
            event.preventDefault();
            onEnter();
          } else if (event.key === 'ArrowDown') {
            event.preventDefault();
            onDown();
          } else if (event.key === 'Escape' && value !== '') {
            event.stopPropagation();
            onChange('');
          }
        }}
      />
      {value !== '' && (
        <IconButton
          className="search-clear"
          label={texts.list.clearSearch}
          onClick={() => onChange('')}
        >
          <X size={18} aria-hidden />
        </IconButton>
      )}
    </div>
  );
}

function ArchiveLink({ list }: { readonly list: Conversations }) {
  const navigation = useNavigation();
  const archived = list.conversations.filter(({ settings }) => settings.archived);
  if (archived.length === 0) return null;
  return (
    <button
      type="button"
      className="archive-link"
      data-opens="archived"
      onClick={() => navigation.go({ panel: 'archived' })}
    >
      <Archive size={20} aria-hidden />
      <span>{texts.list.archived}</span>
      <span className="quiet">{archived.length}</span>
    </button>
  );
}

interface NothingHereProps {
  readonly list: Conversations;
  readonly archived: boolean;
  readonly query: string;
}

function NothingHere({ list, archived, query }: NothingHereProps) {
  const navigation = useNavigation();
  const find = () => navigation.go({ panel: 'new' });
  if (query.trim() !== '') {
    return (
      <EmptyState
        icon={<Search size={28} />}
        title={texts.list.nothingFound}
        hint={texts.list.nothingFoundHint}
      >
        <Button onClick={find}>{texts.list.findPeople}</Button>
      </EmptyState>
    );
  }
  if (list.status === 'loading') return <RowSkeletons />;
  if (archived) {
    return (
      <EmptyState
        icon={<Archive size={28} />}
        title={texts.list.archivedEmpty}
        hint={texts.list.archivedEmptyHint}
      />
    );
  }
  return (
    <EmptyState
      icon={<MessagesSquare size={28} />}
      title={texts.list.empty}
      hint={texts.list.emptyHint}
    >
      <Button variant="primary" onClick={find}>
        {texts.list.emptyAction}
      </Button>
    </EmptyState>
  );
}

/** Placeholder rows until the list has loaded. If loading fails, the banner shows the reason. */
function RowSkeletons() {
  return (
    <div className="list-scroll" role="status">
      <span className="visually-hidden">{texts.common.loading}</span>
      {[0, 1, 2, 3, 4].map((row) => (
        <div key={row} className="row-skeleton" aria-hidden="true" />
      ))}
    </div>
  );
}
