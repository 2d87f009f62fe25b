import { useState } from 'preact/hooks';
import { ProblemError } from '../api/client';
import { useTitle } from '../base/use_title';
import { signIn } from '../state/sign_in';
import { texts } from '../texts';

const t = texts.signIn;

function inWords(error: unknown): string {
  if (error instanceof ProblemError && error.problem.status === 401) return t.wrong;
  if (error instanceof ProblemError && error.problem.status === 429) return t.tooMany;
  return error instanceof Error ? error.message : String(error);
}

export function SignInScreen() {
  const [key, setKey] = useState('');
  const [trouble, setTrouble] = useState('');
  const [busy, setBusy] = useState(false);
  useTitle(t.submit);

  const submit = async (event: Event) => {
    event.preventDefault();
    if (busy || !key.trim()) return;
    setBusy(true);
    setTrouble('');
    try {
      await signIn(key.trim());
    } catch (error) {
      setTrouble(inWords(error));
    }
    setBusy(false);
  };
  return (
    <main id="content" class="sign-in" tabIndex={-1}>
      <form class="sheet-card" onSubmit={(event) => void submit(event)}>
        <h1>{t.heading}</h1>
        <p class="faint">{t.help}</p>
        <label class="field">
          <span>{t.key}</span>
          <input
            type="password"
            autoComplete="current-password"
            value={key}
            autoFocus
            aria-invalid={trouble !== ''}
            aria-describedby="sign-in-error"
            onInput={(event) => setKey(event.currentTarget.value)}
          />
        </label>
        <p class="field-error" id="sign-in-error" role="alert">
          {trouble}
        </p>
        <button type="submit" class="button primary" disabled={busy}>
          {t.submit}
        </button>
        <p class="faint small-print">{t.stays}</p>
      </form>
    </main>
  );
}
