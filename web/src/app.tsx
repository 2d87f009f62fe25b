// Shows the current screen, and what surrounds every screen.
import { useEffect, useRef } from 'preact/hooks';
import { useKeys } from './base/use_keys';
import { ConnectionBanner } from './parts/connection_banner';
import { HelpDialog, helpOpen } from './parts/help_dialog';
import { NoticeStack } from './parts/notice_stack';
import { SiteHeader } from './parts/site_header';
import { DocsScreen } from './screens/docs_screen';
import { DocumentScreen } from './screens/document_screen';
import { DocumentsScreen } from './screens/documents_screen';
import { NotFoundScreen } from './screens/not_found_screen';
import { SignInScreen } from './screens/sign_in_screen';
import { go, paths, route } from './state/router';
import { loadFacts } from './state/server_facts';
import { signInState } from './state/sign_in_state';
import { texts } from './texts';
import { restoreUploads } from './upload/upload_queue';

function Screen() {
  const at = route.value;
  const who = signInState.value.kind;
  useEffect(() => {
    if (at.screen === 'sign_in' && (who === 'signed_in' || who === 'open')) go(paths.documents, 'replace');
  }, [at.screen, who]);
  if (who === 'unknown') return <main id="content" tabIndex={-1} />;
  if (who === 'required') return <SignInScreen />;
  switch (at.screen) {
    case 'documents':
    case 'sign_in':
      return <DocumentsScreen />;
    case 'document':
      return <DocumentScreen key={at.job} id={at.job} page={at.page} />;
    case 'docs':
      return <DocsScreen />;
    case 'not_found':
      return <NotFoundScreen heading={texts.errors.notFound} help={texts.errors.notFoundHint} />;
  }
}

/** Focuses a new screen, so that screen readers announce it and Tab starts there. */
function useFocusOnScreen() {
  const at = route.value;
  const place = at.screen === 'document' ? `${at.job}/${at.page === null}` : at.screen;
  const first = useRef(true);
  useEffect(() => {
    if (!first.current) document.getElementById('content')?.focus({ preventScroll: true });
    first.current = false;
  }, [place]);
}

export function App() {
  const who = signInState.value.kind;
  useEffect(() => {
    if (who !== 'signed_in' && who !== 'open') return;
    void loadFacts();
    void restoreUploads();
  }, [who]);
  useFocusOnScreen();
  useKeys({ '?': () => (helpOpen.value = true) });
  return (
    <>
      <SiteHeader />
      <ConnectionBanner />
      <Screen />
      <NoticeStack />
      <HelpDialog />
    </>
  );
}
