// Search in the text of the whole document: the pages with hits, and the current hit.
import { signal } from '@preact/signals';
import { client } from '../api/client';
import { findAll, fold, plainText } from './words';

export interface PageHits {
  page: number;
  count: number;
  /** The text around the first hits: before, hit, after. */
  snippets: [string, string, string][];
}

export interface CurrentHit {
  page: number;
  /** Index among the hits on its page, from 0. */
  nth: number;
}

const SNIPPETS = 2;
const AROUND = 36;

export class DocumentSearch {
  readonly open = signal(false);
  readonly query = signal('');
  readonly hits = signal<PageHits[]>([]);
  readonly current = signal<CurrentHit | null>(null);
  readonly loading = signal(false);
  readonly error = signal<unknown>(null);
  private texts: { text: string; folded: string }[] = [];
  private pageNumbers: number[] = [];
  private revision = -1;
  private coming: { revision: number; loaded: Promise<void> } | null = null;
  private stop = new AbortController();

  constructor(private readonly job: string) {}

  close() {
    this.stop.abort();
  }

  get total(): number {
    return this.hits.value.reduce((sum, hit) => sum + hit.count, 0);
  }

  /** Position of the current hit in the document, from 1; 0 if there is none. */
  get position(): number {
    const current = this.current.value;
    if (!current) return 0;
    let before = 0;
    for (const hit of this.hits.value) {
      if (hit.page === current.page) return before + current.nth + 1;
      before += hit.count;
    }
    return 0;
  }

  /** `pages`: the job's page numbers in order. The text is loaded again when `revision` changes. */
  async find(query: string, pages: number[], revision: number) {
    this.query.value = query;
    if (revision !== this.revision && query.trim()) await this.loadOnce(pages, revision);
    if (this.query.value !== query) return;
    const wanted = fold(query).trim();
    this.hits.value = wanted === '' ? [] : this.scan(wanted);
    const current = this.current.value;
    const page = this.hits.value.find((hit) => hit.page === current?.page);
    if (!current || !page || current.nth >= page.count) this.current.value = null;
  }

  /** Makes the next (or previous) hit the current one; if there is none, the nearest from `page` on. */
  step(by: 1 | -1, page: number | null): CurrentHit | null {
    const hits = this.hits.value;
    const current = this.current.value;
    if (hits.length === 0) return null;
    if (!current) {
      const from =
        by === 1
          ? (hits.find((hit) => hit.page >= (page ?? 0)) ?? hits[0])
          : (hits.findLast((hit) => hit.page <= (page ?? Infinity)) ?? hits.at(-1));
      return from ? this.show(from.page, by === 1 ? 0 : from.count - 1) : null;
    }
    const place = hits.findIndex((hit) => hit.page === current.page);
    const nth = current.nth + by;
    const here = hits[place];
    if (here && nth >= 0 && nth < here.count) return this.show(here.page, nth);
    const other = hits[(place + by + hits.length) % hits.length];
    return other ? this.show(other.page, by === 1 ? 0 : other.count - 1) : null;
  }

  show(page: number, nth: number): CurrentHit {
    const hit = { page, nth };
    this.current.value = hit;
    return hit;
  }

  /** Queries that are typed while the text is loading wait for the same response. */
  private loadOnce(pages: number[], revision: number): Promise<void> {
    if (this.coming?.revision !== revision) {
      const loaded = this.load(pages, revision).finally(() => {
        if (this.coming?.loaded === loaded) this.coming = null;
      });
      this.coming = { revision, loaded };
    }
    return this.coming.loaded;
  }

  private async load(pages: number[], revision: number) {
    this.loading.value = true;
    try {
      const text = await client.textSoFar(this.job, this.stop.signal);
      this.texts = text.split('\f').map((page) => {
        const plain = plainText(page);
        return { text: plain, folded: fold(plain) };
      });
      this.pageNumbers = pages;
      this.revision = revision;
      this.error.value = null;
    } catch (error) {
      if (!this.stop.signal.aborted) this.error.value = error;
    }
    this.loading.value = false;
  }

  private scan(wanted: string): PageHits[] {
    const found: PageHits[] = [];
    this.texts.forEach(({ text, folded }, index) => {
      const page = this.pageNumbers[index];
      const at = findAll(folded, wanted);
      if (page === undefined || at.length === 0) return;
      const snippets = at.slice(0, SNIPPETS).map((start): [string, string, string] => {
        const end = start + wanted.length;
        return [
          text.slice(Math.max(0, start - AROUND), start),
          text.slice(start, end),
          text.slice(end, end + AROUND),
        ];
      });
      found.push({ page, count: at.length, snippets });
    });
    return found;
  }
}
