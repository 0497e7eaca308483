import { texts } from '../../texts/index.ts';
import { Switch } from '../../ui/field.tsx';
import { keepPlaceChoice, mayNamePlace } from './place-setting.ts';

export interface PlaceSwitchProps {
  readonly files: readonly File[];
  readonly checked: boolean;
  readonly disabled: boolean;
  readonly onChange: (removes: boolean) => void;
}

/** Whether the place is taken out of the files; shown where one of them can name a place. */
export function PlaceSwitch({ files, onChange, ...rest }: PlaceSwitchProps) {
  if (!files.some(mayNamePlace)) return null;
  return (
    <Switch
      {...rest}
      label={texts.attachments.removePlace}
      hint={texts.attachments.removePlaceHint}
      onChange={(removes) => {
        keepPlaceChoice(removes);
        onChange(removes);
      }}
    />
  );
}
