import { route, paths } from '../state/router';
import { signOut } from '../state/sign_in';
import { signInState } from '../state/sign_in_state';
import { isDark, switchTheme } from '../state/theme';
import { sayError } from '../state/notices';
import { texts } from '../texts';
import { helpOpen } from './help_dialog';
import { IconButton } from './icon_button';

function NavLink({ href, label, current }: { href: string; label: string; current: boolean }) {
  return (
    <a href={href} aria-current={current ? 'page' : undefined}>
      {label}
    </a>
  );
}

export function SiteHeader() {
  const screen = route.value.screen;
  const dark = isDark();
  const { kind, owner } = signInState.value;
  const signedIn = kind === 'signed_in';
  return (
    <header class="site-header">
      <a class="skip-link" href="#content">
        {texts.header.skip}
      </a>
      <a class="wordmark" href={paths.documents} aria-label={texts.name}>
        <svg viewBox="0 0 32 32" aria-hidden="true" class="wordmark-sign">
          <path class="sheet" d="M6 3h14l6 6v20H6z" />
          <path d="M20 3v6h6M10.500 14.500h11M10.500 19h11M10.500 23.500h6" />
        </svg>
        <span>gnosis</span>
        <span class="wordmark-second">ocr</span>
      </a>
      <nav aria-label={texts.header.navigation}>
        <NavLink
          href={paths.documents}
          label={texts.header.documents}
          current={screen === 'documents'}
        />
        <NavLink href={paths.docs} label={texts.header.docs} current={screen === 'docs'} />
      </nav>
      <div class="header-tools">
        {signedIn && owner && (
          <span class="owner faint">{owner}</span>
        )}
        <IconButton
          icon="keyboard"
          label={texts.header.help}
          shortcut="?"
          onClick={() => (helpOpen.value = true)}
        />
        <IconButton
          icon={dark ? 'sun' : 'moon'}
          label={dark ? texts.header.toLight : texts.header.toDark}
          onClick={switchTheme}
        />
        {signedIn && (
          <IconButton
            icon="out"
            label={texts.header.signOut}
            onClick={() => void signOut().catch(sayError)}
          />
        )}
      </div>
    </header>
  );
}
