// Runs the program on a free loopback port with its own data folder. A restart keeps both.
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, existsSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PROGRAM = process.env.GNOSIS_PROGRAM;
const FINAL = ['completed', 'completed_with_errors', 'failed', 'cancelled'];

function freePort() {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

export class Server {
  /** `settings` are environment variables. */
  constructor(settings = {}) {
    this.settings = settings;
    this.folder = mkdtempSync(join(tmpdir(), 'gnosis-web-'));
    this.log = '';
  }

  get environment() {
    return { ...process.env, GNOSIS_DATA_DIR: this.folder, ...this.settings };
  }

  async start() {
    this.port ??= await freePort();
    this.url = `http://127.0.0.1:${this.port}`;
    this.process = spawn(PROGRAM, ['serve'], {
      env: { ...this.environment, PORT: String(this.port) },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.ended = new Promise((resolve) => this.process.once('exit', resolve));
    await new Promise((resolve, reject) => {
      const hear = (bytes) => {
        this.log += bytes;
        if (this.log.includes(' listening ')) resolve();
      };
      this.log = '';
      this.process.stdout.on('data', hear);
      this.process.stderr.on('data', hear);
      this.process.once('exit', () => reject(new Error(`the server did not start:\n${this.log}`)));
    });
    return this;
  }

  async end(signal = 'SIGTERM') {
    if (this.process?.exitCode === null) this.process.kill(signal);
    await this.ended;
  }

  async close() {
    await this.end();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Runs a command of the program to its end; its standard output. */
  command(...words) {
    return new Promise((resolve, reject) => {
      const child = spawn(PROGRAM, words, { env: this.environment });
      let output = '';
      child.stdout.on('data', (bytes) => (output += bytes));
      child.once('exit', (code) =>
        code === 0 ? resolve(output) : reject(new Error(`${words.join(' ')} ended with ${code}`)),
      );
    });
  }

  async json(path, init) {
    const answer = await fetch(this.url + path, init);
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return answer.status === 204 ? null : answer.json();
  }

  /** A document by the API, not by the page; the job's id. */
  async submit(bytes, name, query = '') {
    const job = await this.json(`/api/v1/jobs?file_name=${encodeURIComponent(name)}${query}`, {
      method: 'POST',
      body: bytes,
      headers: { 'Content-Type': 'application/octet-stream' },
    });
    return job.job_id;
  }

  async finished(id) {
    let job = await this.json(`/api/v1/jobs/${id}`);
    while (!FINAL.includes(job.status)) {
      job = await this.json(`/api/v1/jobs/${id}?wait=30&since=${job.revision}`);
    }
    return job;
  }

  /** Path of a file in the job's folder. */
  fileOf(id, name) {
    const users = join(this.folder, 'users');
    for (const user of readdirSync(users)) {
      const path = join(users, user, id, name);
      if (existsSync(path)) return path;
    }
    throw new Error(`no ${name} of ${id}`);
  }
}
