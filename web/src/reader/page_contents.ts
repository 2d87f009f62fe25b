// Caches the contents of the pages viewed most recently; others are fetched again when needed.
import { client } from '../api/client';
import type { PageContent } from '../api/types';
import { flatten, type FlatWord } from './words';

const KEPT = 8;

export interface LoadedPage {
  content: PageContent;
  words: FlatWord[];
}

export class PageContents {
  private kept = new Map<string, Promise<LoadedPage>>();
  private stop = new AbortController();

  constructor(private readonly job: string) {}

  /** The page must be completed or failed. */
  get(page: number, edition: number): Promise<LoadedPage> {
    const key = `${page}/${edition}`;
    const found = this.kept.get(key);
    this.kept.delete(key);
    const loading = found ?? this.load(page);
    this.kept.set(key, loading);
    loading.catch(() => this.kept.delete(key));
    for (const oldest of this.kept.keys()) {
      if (this.kept.size <= KEPT) break;
      this.kept.delete(oldest);
    }
    return loading;
  }

  close() {
    this.stop.abort();
  }

  private async load(page: number): Promise<LoadedPage> {
    const content = await client.pageContent(this.job, page, this.stop.signal);
    return { content, words: flatten(content) };
  }
}
