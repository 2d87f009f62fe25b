import { connection } from '../state/connection';
import { texts } from '../texts';
import { Icon } from './icon';

export function ConnectionBanner() {
  const state = connection.value;
  return (
    <div role="status" class="banner-place">
      {state !== 'online' && (
        <p class="banner">
          <Icon name="warn" />
          {state === 'offline' ? texts.connection.offline : texts.connection.serverAway}
        </p>
      )}
    </div>
  );
}
