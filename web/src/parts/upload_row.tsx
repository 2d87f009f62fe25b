// One upload: its progress, and what it needs from the user.
import { useRef, useState } from 'preact/hooks';
import { formatBytes } from '../base/format';
import { connection } from '../state/connection';
import { texts } from '../texts';
import type { UploadItem } from '../upload/upload_item';
import { giveFileAgain, givePassword, stopUpload, tryAgain } from '../upload/upload_queue';
import { Icon } from './icon';
import { IconButton } from './icon_button';
import { ProgressBar } from './progress_bar';

const t = texts.upload;

function stateText(item: UploadItem): string {
  const busy = item.state === 'sending' || item.state === 'opening' || item.state === 'waiting';
  if (busy && connection.value !== 'online') return t.away;
  switch (item.state) {
    case 'waiting':
      return t.waiting;
    case 'sending':
      return t.sending(formatBytes(item.sentBytes), formatBytes(item.size));
    case 'opening':
      return t.opening;
    case 'done':
      return t.done;
    case 'lost':
      return t.lost;
    case 'password':
      return item.passwordWasWrong ? t.passwordWrong : t.password;
    case 'failed':
      return item.problem?.detail ?? '';
  }
}

function PasswordForm({ item }: { item: UploadItem }) {
  const [password, setPassword] = useState('');
  return (
    <form
      class="row-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (password) givePassword(item.id, password);
      }}
    >
      <Icon name="lock" />
      <input
        type="password"
        autoComplete="off"
        aria-label={t.passwordLabel(item.name)}
        value={password}
        autoFocus
        onInput={(event) => setPassword(event.currentTarget.value)}
      />
      <button type="submit" class="button primary small">
        {t.open}
      </button>
    </form>
  );
}

function ChooseAgain({ item }: { item: UploadItem }) {
  const input = useRef<HTMLInputElement>(null);
  const [other, setOther] = useState(false);
  return (
    <div class="row-form">
      <button type="button" class="button small" onClick={() => input.current?.click()}>
        {t.chooseAgain}
      </button>
      {other && <span class="field-error">{t.otherFile}</span>}
      <input
        ref={input}
        type="file"
        hidden
        onChange={(event) => {
          const file = event.currentTarget.files?.[0];
          setOther(file ? !giveFileAgain(item.id, file) : false);
        }}
      />
    </div>
  );
}

export function UploadRow({ item }: { item: UploadItem }) {
  const trouble = item.state === 'failed' || item.state === 'password' || item.state === 'lost';
  const ended = item.state === 'failed' || item.state === 'done';
  return (
    <li class={`upload-row upload-${item.state}`}>
      <div class="upload-head">
        <span class="upload-name">{item.name}</span>
        <span class={trouble ? 'upload-trouble' : 'faint'} role={trouble ? 'alert' : undefined}>
          {stateText(item)}
        </span>
        {item.state === 'failed' && item.problem?.hint && (
          <span class="faint">{item.problem.hint}</span>
        )}
      </div>
      {!trouble && (
        <ProgressBar
          label={t.progress(item.name)}
          share={item.size > 0 ? item.sentBytes / item.size : 0}
          moving={item.state === 'opening'}
        />
      )}
      {item.state === 'password' && <PasswordForm item={item} />}
      {item.state === 'lost' && <ChooseAgain item={item} />}
      {item.state === 'failed' && item.problem?.code !== 'page' && (
        <div class="row-form">
          <button type="button" class="button small" onClick={() => tryAgain(item.id)}>
            {t.retry}
          </button>
        </div>
      )}
      {item.state !== 'done' && (
        <IconButton
          icon="close"
          label={ended ? t.dismiss(item.name) : t.stop(item.name)}
          onClick={() => stopUpload(item.id)}
        />
      )}
    </li>
  );
}
