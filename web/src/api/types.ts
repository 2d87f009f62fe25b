// What the server says, as /openapi.json describes it. tests/web checks that every field named here
// exists there; fields that the page does not use are left out.

export type JobState =
  | 'queued'
  | 'processing'
  | 'completed'
  | 'completed_with_errors'
  | 'failed'
  | 'cancelled';

export interface Job {
  job_id: string;
  status: JobState;
  progress: {
    percent: number;
    current_page: number | null;
    total_pages: number;
    message: string;
  };
  pages: { completed: number; failed: number; pending: number; processing: number };
  eta_seconds: number | null;
  revision: number;
  file_name: string;
  error: string | null;
  created_at: string;
  updated_at: string;
  expires_at: string | null;
}

export interface JobList {
  jobs: Job[];
  next_cursor: string | null;
}

export type PageState = 'pending' | 'processing' | 'completed' | 'failed';

/** `error` is "code: message" of a failed page; `edition` counts how often it was read anew. */
export interface Page {
  page: number;
  status: PageState;
  confidence: number | null;
  source: string | null;
  error: string | null;
  edition: number;
  completed_at: string | null;
}

export interface PageList {
  job_id: string;
  status: JobState;
  revision: number;
  pages: Page[];
}

/** Of a `page` event: no edition; the page was read, or failed. */
export interface PageEvent {
  page: number;
  status: PageState;
  confidence: number | null;
  source: string | null;
  error: string | null;
}

/** Left, top, right, bottom in pixels of the page's .png. */
export type Box = [number, number, number, number];

export interface Word {
  text: string;
  box: Box;
  confidence: number;
}

export interface Line {
  box: Box;
  words: Word[];
}

/** `pages/{n}.json`: not in /openapi.json, but in the file's own `schema_version`. */
export interface PageContent {
  page: number;
  completed: boolean;
  error: { code: string; message: string; hint?: string } | null;
  width: number;
  height: number;
  language: string;
  source: string;
  confidence: number | null;
  text: string;
  blocks: { paragraphs: { lines: Line[] }[] }[];
}

export interface Problem {
  status: number;
  code: string;
  title: string;
  detail: string;
  hint?: string;
  page?: number;
}

export interface Languages {
  languages: string[];
}

export interface Format {
  name: string;
  content_type: string;
  description: string;
}

export interface Engines {
  engines: { name: string; version: string | null }[];
  modes: string[];
  formats: Format[];
  /** What else a finished job's whole result can be had as. */
  archives: Format[];
}

export interface Limits {
  max_upload_bytes: number;
  max_pages: number;
  /** "tus", or how else large files are sent: this page knows only tus. */
  upload_protocol: string;
}

export interface SignInStatus {
  authenticated: boolean;
  key_required: boolean;
  owner: string | null;
}

export interface SubmitOptions {
  lang?: string;
  mode?: string;
  pages?: string;
  formats?: string;
  password?: string;
}

export interface RetryOptions {
  pages?: number[];
  lang?: string;
  rotate?: number;
  password?: string;
}
