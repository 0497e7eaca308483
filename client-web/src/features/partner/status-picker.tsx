import type { StatusName } from '@parley/common/contract';
import { type SubmitEvent, useState } from 'react';

import { useClient } from '../../client-context.ts';
import { texts } from '../../texts/index.ts';
import { Button } from '../../ui/button.tsx';
import { TextField } from '../../ui/field.tsx';
import { DURATIONS, endOf, faultOf, suggestedEnd, toFieldValue } from './durations.ts';
import { StatusMark } from './status-mark.tsx';
import { statusText } from './status-text.ts';
import { useOwnStatus, useSetStatus } from './use-status.ts';

const STATUSES: readonly StatusName[] = ['AVAILABLE', 'BUSY', 'OFFLINE'];

/** Sets the own status: Available immediately, the others after a duration is chosen. */
export function StatusPicker() {
  const own = useOwnStatus();
  const client = useClient();
  const set = useSetStatus();
  const [chosen, setChosen] = useState<StatusName | null>(null);
  const choose = (status: StatusName) => {
    setChosen(status === 'AVAILABLE' ? null : status);
    if (status === 'AVAILABLE') void set(status, null);
  };
  const shown = chosen ?? own.status;
  return (
    <section className="partner-section" aria-labelledby="own-status">
      <h3 id="own-status" className="partner-heading">
        {texts.partner.ownTitle}
      </h3>
      <p className="partner-line" role="status">
        <StatusMark status={own.status} /> {statusText(own, client.now())}
      </p>
      <fieldset className="status-choices">
        <legend className="visually-hidden">{texts.partner.ownTitle}</legend>
        {STATUSES.map((status) => (
          <label key={status} className="status-choice">
            <input
              type="radio"
              name="own-status"
              checked={shown === status}
              onChange={() => choose(status)}
            />
            <StatusMark status={status} size={16} />
            <span>{texts.partner.statuses[status]}</span>
          </label>
        ))}
      </fieldset>
      {shown !== 'AVAILABLE' && (
        <DurationChoice
          onChoose={(until) => {
            setChosen(null);
            void set(shown, until);
          }}
        />
      )}
    </section>
  );
}

interface DurationChoiceProps {
  readonly onChoose: (until: number | null) => void;
}

function DurationChoice({ onChoose }: DurationChoiceProps) {
  const client = useClient();
  const [picking, setPicking] = useState(false);
  return (
    <div className="durations" role="group" aria-labelledby="how-long">
      <p id="how-long" className="partner-heading">
        {texts.partner.howLong}
      </p>
      <div className="duration-row">
        {DURATIONS.map((duration) => (
          <Button key={duration} onClick={() => onChoose(endOf(duration, client.now()))}>
            {texts.partner.durations[duration]}
          </Button>
        ))}
        <Button aria-expanded={picking} onClick={() => setPicking((now) => !now)}>
          {texts.partner.durations.custom}
        </Button>
      </div>
      {picking && <CustomEnd onChoose={onChoose} />}
    </div>
  );
}

const FAULTS = { past: texts.partner.customPast, far: texts.partner.customFar } as const;

function CustomEnd({ onChoose }: DurationChoiceProps) {
  const client = useClient();
  const [value, setValue] = useState(() => toFieldValue(suggestedEnd(client.now())));
  const [error, setError] = useState<string>();
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const end = new Date(value).getTime();
    const fault = faultOf(end, client.now());
    if (fault === null) onChoose(end);
    else setError(FAULTS[fault]);
  };
  return (
    <form className="custom-end" onSubmit={submit} noValidate>
      <TextField
        label={texts.partner.customLabel}
        type="datetime-local"
        autoFocus
        value={value}
        min={toFieldValue(client.now())}
        error={error}
        onChange={(event) => setValue(event.target.value)}
      />
      <Button type="submit" variant="primary">
        {texts.partner.customSet}
      </Button>
    </form>
  );
}
