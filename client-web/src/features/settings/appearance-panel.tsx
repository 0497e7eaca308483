import './settings.css';

import { useState } from 'react';

import { useNavigation } from '../../services.ts';
import { texts } from '../../texts/index.ts';
import { Panel } from '../../ui/panel.tsx';
import { chooseTheme, readTheme, THEMES } from '../../ui/theme.ts';

/** Chooses the theme: light, dark, or the one of the device. */
export function AppearancePanel() {
  const navigation = useNavigation();
  const [theme, setTheme] = useState(readTheme);
  return (
    <Panel title={texts.settings.appearance} onBack={() => navigation.close({ panel: 'settings' })}>
      <div className="settings-page scroll">
        <fieldset className="choices">
          <legend>{texts.settings.theme}</legend>
          {THEMES.map((name) => (
            <label key={name} className="choice">
              <input
                type="radio"
                name="theme"
                value={name}
                checked={theme === name}
                onChange={() => {
                  setTheme(name);
                  chooseTheme(name);
                }}
              />
              <span>{texts.settings.themes[name]}</span>
            </label>
          ))}
        </fieldset>
      </div>
    </Panel>
  );
}
