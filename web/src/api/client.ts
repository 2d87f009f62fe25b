// Every call to the server is made here, so headers, errors and the connection state are handled in one
// place.
import { asSentence } from '../base/format';
import { heardFromServer, serverUnreachable } from '../state/connection';
import { signInRequired } from '../state/sign_in_state';
import { texts } from '../texts';
import type {
  Engines,
  Job,
  JobList,
  Languages,
  Limits,
  PageContent,
  PageList,
  Problem,
  RetryOptions,
  SignInStatus,
  SubmitOptions,
} from './types';

export const API = '/api/v1';

/** Proves that a request comes from this page and not from a form on another site. */
export const OWN_PAGE_HEADERS = { 'X-Gnosis-Request': '1' };

/** The server responded with a problem document. */
export class ProblemError extends Error {
  constructor(readonly problem: Problem) {
    super(problem.detail);
  }
}

/** The server did not respond. */
export class UnreachableError extends Error {
  constructor() {
    super(texts.connection.unreachable);
  }
}

/** Reads the problem from a response body, which can be anything if a proxy sent it. */
export function parseProblem(status: number, body: string): Problem {
  try {
    const found = JSON.parse(body) as Partial<Problem>;
    if (typeof found.detail === 'string' && typeof found.code === 'string') {
      const detail = asSentence(found.detail);
      const hint = found.hint ? { hint: asSentence(found.hint) } : {};
      return { title: '', ...found, status, code: found.code, detail, ...hint };
    }
  } catch {
    // Not JSON: described below.
  }
  return unexpected(status);
}

function unexpected(status: number): Problem {
  return {
    status,
    code: 'unknown',
    title: '',
    detail: texts.errors.unexpected(status),
    hint: texts.errors.unexpectedHint,
  };
}

/** The body of a successful response; throws if it is not JSON. */
export function parseJson<T>(status: number, body: string): T {
  try {
    return JSON.parse(body) as T;
  } catch {
    throw new ProblemError(unexpected(status));
  }
}

/** A proxy sends these while the server behind it is down. */
export function isFromProxy(status: number): boolean {
  return status === 502 || status === 504;
}

async function request(path: string, init: RequestInit = {}): Promise<Response> {
  let answer: Response;
  try {
    answer = await fetch(path, {
      ...init,
      headers: { ...OWN_PAGE_HEADERS, ...init.headers },
      credentials: 'same-origin',
    });
  } catch (error) {
    if (init.signal?.aborted) throw error;
    serverUnreachable();
    throw new UnreachableError();
  }
  if (isFromProxy(answer.status)) {
    serverUnreachable();
    throw new UnreachableError();
  }
  heardFromServer();
  if (answer.ok || answer.status === 304) return answer;
  const problem = parseProblem(answer.status, await answer.text());
  if (answer.status === 401 && !path.endsWith('/session')) signInRequired();
  throw new ProblemError(problem);
}

async function json<T>(path: string, init?: RequestInit): Promise<T> {
  const answer = await request(path, init);
  const body = await answer.text();
  return parseJson<T>(answer.status, body);
}

function jsonBody(method: string, body: unknown): RequestInit {
  return {
    method,
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  };
}

const job = (id: string) => `${API}/jobs/${encodeURIComponent(id)}`;

/** URLs that the browser loads without `client`: images, links, event streams. */
export const addresses = {
  events: (id: string) => `${job(id)}/events`,
  preview: (id: string, page: number, edition: number) =>
    `${job(id)}/pages/${page}.jpg${edition > 0 ? `?edition=${edition}` : ''}`,
  raster: (id: string, page: number, edition: number) =>
    `${job(id)}/pages/${page}.png${edition > 0 ? `?edition=${edition}` : ''}`,
  result: (id: string, format: string, partial: boolean) =>
    `${job(id)}/result?format=${format}${partial ? '&partial=1' : ''}`,
  pageFile: (id: string, page: number, ending: string) => `${job(id)}/pages/${page}.${ending}`,
  uploads: `${API}/uploads`,
};

export const client = {
  listJobs: (query: { state?: string; cursor?: string; q?: string; limit?: number }) => {
    const search = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) if (value) search.set(name, String(value));
    return json<JobList>(`${API}/jobs?${search}`);
  },
  job: (id: string) => json<Job>(job(id)),
  /** Responds when the job's revision differs from `since`, or after 30 s. */
  jobChange: (id: string, since: number, signal: AbortSignal) =>
    json<Job>(`${job(id)}?wait=30&since=${since}`, { signal }),
  pages: (id: string, signal?: AbortSignal) =>
    json<PageList>(`${job(id)}/pages`, signal ? { signal } : {}),
  pageContent: (id: string, page: number, signal: AbortSignal) =>
    json<PageContent>(addresses.pageFile(id, page, 'json'), { signal }),
  /** The text of all pages done so far, separated by form feeds. */
  textSoFar: async (id: string, signal: AbortSignal) =>
    (await request(addresses.result(id, 'txt', true), { signal })).text(),
  pageText: async (id: string, page: number) =>
    (await request(addresses.pageFile(id, page, 'txt'))).text(),
  submitUpload: (uploadId: string, fileName: string, options: SubmitOptions, key: string) => {
    const init = jsonBody('POST', { upload_id: uploadId, file_name: fileName, ...options });
    return json<Job>(`${API}/jobs`, {
      ...init,
      headers: { ...init.headers, 'Idempotency-Key': key },
    });
  },
  retry: (id: string, options: RetryOptions) =>
    json<Job>(`${job(id)}/retry`, jsonBody('POST', options)),
  cancel: (id: string) => json<Job>(`${job(id)}/cancel`, { method: 'POST' }),
  /** `leaving`: the page is closing, and the request must outlive it. */
  deleteJob: async (id: string, leaving = false) => {
    await request(job(id), { method: 'DELETE', keepalive: leaving });
  },
  languages: async () => (await json<Languages>(`${API}/languages`)).languages,
  engines: () => json<Engines>(`${API}/engines`),
  limits: () => json<Limits>(`${API}/limits`),
  alive: async () => {
    await request('/livez');
  },
  signInStatus: () => json<SignInStatus>(`${API}/session`),
  signIn: async (key: string) => {
    await request(`${API}/session`, jsonBody('POST', { key }));
  },
  signOut: async () => {
    await request(`${API}/session`, { method: 'DELETE' });
  },
  openApi: () => json<Record<string, unknown>>('/openapi.json'),
};
