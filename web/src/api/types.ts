// The server's JSON, as /openapi.json describes it. tests/web checks that every field here exists there.
// Fields that the page does not use are omitted.

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

/** `error` is "code: message" if the page failed; `edition` counts how often it was processed again. */
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

/** The data of a `page` event. It has no edition. */
export interface PageEvent {
  page: number;
  status: PageState;
  confidence: number | null;
  source: string | null;
  error: string | null;
}

/** Left, top, right and bottom, in pixels of the page's .png. */
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

/** `pages/{n}.json`. /openapi.json does not describe it; the file has its own `schema_version`. */
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
  /** Further formats of a finished job's result. */
  archives: Format[];
}

export interface Limits {
  max_upload_bytes: number;
  max_pages: number;
  /** How large files are sent. This page supports only "tus". */
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
