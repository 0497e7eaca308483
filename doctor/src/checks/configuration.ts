import { failure, ok, type Check } from '../finding.ts';

export const configuration: Check = {
  name: 'configuration',
  run({ deployment: { faults, services } }) {
    if (faults.size === 0) return ok(`The variables are usable for ${services.join(', ')}.`);
    const lines = [...faults].map(([service, fault]) => `${service}: ${fault}`);
    return failure(
      lines.join('\n'),
      'Correct these variables; docs/operations.md lists all of them. If they are for one service only, name it: npm run doctor -- messaging',
    );
  },
};
