// A document: the overview of its pages, or one of them. Its data lives as long as this screen.
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { notifyDone } from '../parts/notify_button';
import { DocumentSearch } from '../reader/document_search';
import { PageContents } from '../reader/page_contents';
import { ReaderScreen } from '../reader/reader_screen';
import { ReaderState } from '../reader/reader_state';
import { LiveDocument } from '../state/document';
import { isFinal } from '../state/job_rules';
import { ErrorBox } from '../parts/error_box';
import { ProblemError } from '../api/client';
import { texts } from '../texts';
import { DocumentOverview } from './document_overview';
import { NotFoundScreen } from './not_found_screen';

export function DocumentScreen({ id, page }: { id: string; page: number | null }) {
  const doc = useMemo(() => new LiveDocument(id), [id]);
  const search = useMemo(() => new DocumentSearch(id), [id]);
  const contents = useMemo(() => new PageContents(id), [id]);
  const state = useMemo(() => new ReaderState(), [id]);
  const overviewScroll = useRef(0);
  useEffect(
    () => () => {
      doc.close();
      search.close();
      contents.close();
    },
    [id],
  );

  const job = doc.job.value;
  const ran = useRef(false);
  useEffect(() => {
    if (!job) return;
    if (isFinal(job.status) && ran.current) notifyDone(job);
    ran.current = !isFinal(job.status);
  }, [job?.status]);

  // Returning from a page restores the overview's scroll position.
  useEffect(() => {
    if (page !== null) return;
    window.scrollTo(0, overviewScroll.current);
    const remember = () => (overviewScroll.current = window.scrollY);
    window.addEventListener('scroll', remember, { passive: true });
    return () => window.removeEventListener('scroll', remember);
  }, [page === null, job === null]);

  if (doc.gone.value) {
    return <NotFoundScreen heading={texts.errors.gone} help={texts.errors.goneHint} />;
  }
  if (!job) {
    return (
      <main id="content" class="document" tabIndex={-1}>
        <h1 class="off-screen">{texts.job.loading}</h1>
        {doc.problem.value ? (
          <ErrorBox error={new ProblemError(doc.problem.value)} />
        ) : (
          <p class="faint loading">{texts.job.loading}</p>
        )}
      </main>
    );
  }
  if (page === null) return <DocumentOverview doc={doc} search={search} />;
  return <ReaderScreen doc={doc} number={page} state={state} search={search} contents={contents} />;
}
