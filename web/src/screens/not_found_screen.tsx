import { useTitle } from '../base/use_title';
import { paths } from '../state/router';
import { texts } from '../texts';

export function NotFoundScreen({ heading, help }: { heading: string; help: string }) {
  useTitle(heading);
  return (
    <main id="content" class="not-found" tabIndex={-1}>
      <h1>{heading}</h1>
      <p class="faint">{help}</p>
      <a class="button primary" href={paths.documents}>
        {texts.errors.toDocuments}
      </a>
    </main>
  );
}
