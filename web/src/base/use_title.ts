import { useEffect } from 'preact/hooks';
import { texts } from '../texts';

/** Sets the tab title while the calling screen is shown. */
export function useTitle(screen: string) {
  useEffect(() => {
    document.title = screen ? texts.title(screen) : texts.name;
  }, [screen]);
}
