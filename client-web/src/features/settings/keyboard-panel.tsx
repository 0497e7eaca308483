import './settings.css';

import { useNavigation } from '../../services.ts';
import { texts } from '../../texts/index.ts';
import { Panel } from '../../ui/panel.tsx';

/** The list of keyboard shortcuts. */
export function KeyboardPanel() {
  const navigation = useNavigation();
  return (
    <Panel title={texts.settings.shortcuts} onBack={() => navigation.close({ panel: 'settings' })}>
      <dl className="settings-page shortcuts scroll">
        {texts.settings.shortcutList.map(([keys, action]) => (
          <div key={keys} className="shortcut">
            <dt>
              <kbd>{keys}</kbd>
            </dt>
            <dd>{action}</dd>
          </div>
        ))}
      </dl>
    </Panel>
  );
}
