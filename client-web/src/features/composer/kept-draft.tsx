import { texts } from '../../texts/index.ts';
import { Button } from '../../ui/button.tsx';
import { useCopy } from '../../ui/use-copy.ts';

export interface KeptDraftProps {
  readonly text: string;
  readonly onDiscard: () => void;
}

/** What was written for a conversation that cannot be written to any more. */
export function KeptDraft({ text, onDiscard }: KeptDraftProps) {
  const copy = useCopy();
  return (
    <div className="kept-draft">
      <label htmlFor="kept-draft">{texts.composer.kept}</label>
      <textarea
        id="kept-draft"
        className="kept-draft-text scroll"
        rows={5}
        dir="auto"
        readOnly
        value={text}
      />
      <div className="kept-draft-actions">
        <Button onClick={onDiscard}>{texts.timeline.discard}</Button>
        <Button variant="primary" onClick={() => copy(text)}>
          {texts.timeline.copy}
        </Button>
      </div>
    </div>
  );
}
