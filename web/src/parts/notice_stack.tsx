import { dismiss, notices } from '../state/notices';
import { texts } from '../texts';
import { IconButton } from './icon_button';

export function NoticeStack() {
  return (
    <section class="notices" aria-label={texts.notices.region} aria-live="polite">
      {notices.value.map((notice) => (
        <div key={notice.id} class={`notice notice-${notice.kind}`}>
          <div>
            <p>{notice.text}</p>
            {notice.hint && <p class="faint">{notice.hint}</p>}
          </div>
          {notice.action && (
            <button type="button" class="button small" onClick={notice.action.run}>
              {notice.action.label}
            </button>
          )}
          <IconButton
            icon="close"
            label={texts.notices.dismiss}
            onClick={() => dismiss(notice.id)}
          />
        </div>
      ))}
    </section>
  );
}
