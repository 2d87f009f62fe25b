// A server that answers fetch and XMLHttpRequest, and an event stream that a test feeds.

export interface Call {
  method: string;
  /** With the query. */
  path: string;
  headers: Headers;
  body: unknown;
}

type Handler = (call: Call) => Response | Promise<Response>;

export function json(body: unknown, status = 200): Response {
  return new Response(JSON.stringify(body), { status });
}

export function problem(status: number, code: string, hint?: string): Response {
  return json({ status, code, title: '', detail: `it is ${code}`, ...(hint ? { hint } : {}) }, status);
}

/** A promise that a test settles: a response that is on its way. */
export class Later<T> {
  resolve!: (value: T) => void;
  readonly promise = new Promise<T>((resolve) => (this.resolve = resolve));
}

export class FakeServer {
  calls: Call[] = [];
  /** No request gets a response. */
  down = false;
  private routes: { route: string; handler: Handler }[] = [];

  constructor() {
    globalThis.fetch = (async (path: string, init: RequestInit = {}) => {
      const headers = new Headers(init.headers);
      return raceAbort(this.answer(init.method ?? 'GET', path, headers, init.body), init.signal);
    }) as typeof fetch;
    FakeRequest.server = this;
    Object.assign(globalThis, { XMLHttpRequest: FakeRequest, EventSource: FakeEventSource });
    FakeEventSource.all = [];
  }

  /** `route` is "METHOD /path" without a query; the newest handler counts. */
  on(route: string, handler: Handler) {
    this.routes.unshift({ route, handler });
  }

  /** "METHOD /path?query" of every call to a path that begins with `path`. */
  seen(path = '/'): string[] {
    return this.calls.filter((call) => call.path.startsWith(path)).map((call) => `${call.method} ${call.path}`);
  }

  async answer(method: string, url: string, headers: Headers, body: unknown): Promise<Response> {
    const { pathname, search } = new URL(url, 'http://localhost');
    const call = { method, path: pathname + search, headers, body };
    this.calls.push(call);
    if (this.down) throw new TypeError('fetch failed');
    const found = this.routes.find(({ route }) => route === `${method} ${pathname}`);
    return found ? found.handler(call) : problem(404, 'not_found');
  }
}

function raceAbort(answer: Promise<Response>, signal?: AbortSignal | null): Promise<Response> {
  if (!signal) return answer;
  return new Promise((resolve, reject) => {
    const stop = () => reject(new DOMException('aborted', 'AbortError'));
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop);
    answer.then(resolve, reject);
  });
}

/** What the page and tus-js-client use of XMLHttpRequest. */
class FakeRequest {
  static server: FakeServer;
  status = 0;
  responseText = '';
  withCredentials = false;
  readonly upload: { onprogress: ((event: { loaded: number; lengthComputable: boolean }) => void) | null } = {
    onprogress: null,
  };
  onload: (() => void) | null = null;
  onerror: (() => void) | null = null;
  onabort: (() => void) | null = null;
  private method = '';
  private url = '';
  private stopped = false;
  private readonly headers = new Headers();
  private response = new Headers();

  open(method: string, url: string) {
    this.method = method;
    this.url = url;
  }
  setRequestHeader(name: string, value: string) {
    this.headers.set(name, value);
  }
  getResponseHeader(name: string) {
    return this.response.get(name);
  }
  send(body?: unknown) {
    void this.run(body);
  }
  abort() {
    this.stopped = true;
    this.onabort?.();
  }

  private async run(body: unknown) {
    try {
      const answer = FakeRequest.server.answer(this.method, this.url, this.headers, body);
      if (!FakeRequest.server.down && body) {
        const loaded = body instanceof Blob ? body.size : Number.MAX_SAFE_INTEGER;
        this.upload.onprogress?.({ loaded, lengthComputable: true });
      }
      const { status, headers } = await answer;
      const text = await (await answer).text();
      if (this.stopped) return;
      this.status = status;
      this.response = headers;
      this.responseText = text;
      this.onload?.();
    } catch {
      if (!this.stopped) this.onerror?.();
    }
  }
}

export class FakeEventSource extends EventTarget {
  static readonly CLOSED = 2;
  static all: FakeEventSource[] = [];
  readyState = 1;

  constructor(readonly url: string) {
    super();
    FakeEventSource.all.push(this);
  }

  static get newest(): FakeEventSource {
    const found = FakeEventSource.all.at(-1);
    if (!found) throw new Error('no stream was opened');
    return found;
  }

  close() {
    this.readyState = FakeEventSource.CLOSED;
  }

  send(type: string, data: unknown) {
    if (this.readyState === FakeEventSource.CLOSED) throw new Error('the stream is closed');
    this.dispatchEvent(new MessageEvent(type, { data: JSON.stringify(data) }));
  }

  /** The browser lost the stream: it reconnects ("again"), or has given up. */
  fail(how: 'again' | 'given up') {
    this.readyState = how === 'again' ? 0 : FakeEventSource.CLOSED;
    this.dispatchEvent(new Event('error'));
  }
}
