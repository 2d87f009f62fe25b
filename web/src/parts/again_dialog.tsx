// Processes pages again: in another language, rotated, or with the password of an encrypted document.
import { useState } from 'preact/hooks';
import { client, ProblemError } from '../api/client';
import { languageName } from '../base/format';
import type { LiveDocument } from '../state/document';
import { say } from '../state/notices';
import { languages } from '../state/server_facts';
import { texts } from '../texts';
import { Dialog } from './dialog';
import { ErrorBox } from './error_box';
import { Segmented } from './segmented';

const t = texts.again;
const TURNS = ['0', '90', '180', '270'] as const;
type Turn = (typeof TURNS)[number];

interface Props {
  doc: LiveDocument;
  pages: number[];
  language: string;
  /** The server has already asked for a password. */
  wantsPassword?: boolean;
  onClose: () => void;
}

export function AgainDialog({ doc, pages, language, wantsPassword = false, onClose }: Props) {
  const installed = languages.value ?? [];
  const [lang, setLang] = useState(installed.includes(language) ? language : (installed[0] ?? ''));
  const [turn, setTurn] = useState<Turn>('0');
  const [password, setPassword] = useState('');
  const [asksPassword, setAsksPassword] = useState(wantsPassword);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const first = pages[0] ?? 1;
  const rotate = t.rotate(pages.length);

  const start = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    try {
      const job = await client.retry(doc.id, {
        pages,
        ...(lang ? { lang } : {}),
        ...(turn === '0' ? {} : { rotate: Number(turn) }),
        ...(password ? { password } : {}),
      });
      onClose();
      say({ kind: 'said', text: t.started(pages.length) });
      await doc.restart(job);
    } catch (found) {
      if (found instanceof ProblemError && found.problem.code === 'password_required')
        setAsksPassword(true);
      setError(found);
    }
    setBusy(false);
  };
  return (
    <Dialog heading={pages.length === 1 ? t.heading(first) : t.headingMany(pages.length)} onClose={onClose}>
      <form class="form" onSubmit={(event) => void start(event)}>
        <p class="faint">{t.help(pages.length)}</p>
        <label class="field">
          <span>{t.language}</span>
          <select value={lang} onChange={(event) => setLang(event.currentTarget.value)}>
            {installed.map((name) => (
              <option key={name} value={name}>
                {languageName(name)}
              </option>
            ))}
          </select>
        </label>
        <div class="field">
          <span aria-hidden="true">{rotate}</span>
          <Segmented
            label={rotate}
            name="turn"
            choices={TURNS.map((value) => ({
              value,
              label: t.turns[Number(value) as keyof typeof t.turns],
            }))}
            value={turn}
            onChange={setTurn}
          />
        </div>
        {asksPassword && (
          <label class="field">
            <span>{t.password}</span>
            <input
              type="password"
              autoComplete="off"
              value={password}
              onInput={(event) => setPassword(event.currentTarget.value)}
            />
            <span class="faint small-print">{t.passwordHelp}</span>
          </label>
        )}
        {error !== null && <ErrorBox error={error} />}
        <div class="form-buttons">
          <button type="submit" class="button primary" disabled={busy}>
            {t.start}
          </button>
          <button type="button" class="button" onClick={onClose}>
            {t.close}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
