import { Eye, EyeOff } from 'lucide-react';
import { useState } from 'react';

import { texts } from '../../texts/index.ts';
import { IconButton } from '../../ui/button.tsx';
import { TextField, type TextFieldProps } from '../../ui/field.tsx';

/** A password field whose content is hidden until the user chooses to show it. */
export function PasswordField(props: TextFieldProps) {
  const [shown, setShown] = useState(false);
  const Icon = shown ? EyeOff : Eye;
  return (
    <div className="password-field">
      <TextField
        {...props}
        type={shown ? 'text' : 'password'}
        autoCapitalize="none"
        spellCheck={false}
      />
      <IconButton
        className="password-eye"
        label={shown ? texts.signIn.hidePassword : texts.signIn.showPassword}
        onClick={() => setShown(!shown)}
      >
        <Icon size={18} aria-hidden />
      </IconButton>
    </div>
  );
}
