import type { JobState } from '../api/types';
import { texts } from '../texts';
import { Icon, type IconName } from './icon';

const ICONS: Record<JobState, IconName> = {
  queued: 'clock',
  processing: 'again',
  completed: 'check',
  completed_with_errors: 'warn',
  failed: 'warn',
  cancelled: 'stop',
};

export function StateBadge({ state }: { state: JobState }) {
  return (
    <span class={`badge badge-${state}`}>
      <Icon name={ICONS[state]} />
      {texts.job.states[state]}
    </span>
  );
}
