import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

const TYPES = new URL('../../../web/src/api/types.ts', import.meta.url);

/** Interfaces in types.ts with a schema of the same name in /openapi.json. */
const SHARED = ['Job', 'JobList', 'Page', 'PageList', 'Problem', 'Languages', 'Engines', 'Limits',
  'SignInStatus'];

/** Names of the fields of an interface, those of inner shapes as "outer.inner". */
function fieldsOf(source, name) {
  const body = new RegExp(`interface ${name} \\{([\\s\\S]*?)\\n\\}`).exec(source)?.[1];
  assert.ok(body, `types.ts has no ${name}`);
  const fields = [];
  let outer = '';
  for (const line of body.split('\n')) {
    const inline = /^ {2}(\w+)\??: \{ (.*) \}(?:\[\])?;/.exec(line);
    const field = /^ +(\w+)\??:/.exec(line)?.[1];
    if (inline) {
      fields.push(inline[1], ...[...inline[2].matchAll(/(\w+)\??:/g)].map((each) => `${inline[1]}.${each[1]}`));
    } else if (field && / \{$/.test(line)) {
      outer = `${field}.`;
      fields.push(field);
    } else if (field) {
      fields.push(line.startsWith('    ') ? outer + field : field);
    }
  }
  return fields;
}

function fieldsOfSchema(schema, schemas) {
  const fields = new Set();
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    fields.add(name);
    const inner = property.items ?? property;
    if (inner.$ref) continue;
    for (const each of Object.keys(inner.properties ?? {})) fields.add(`${name}.${each}`);
  }
  void schemas;
  return fields;
}

export const contractFlows = [
  {
    name: 'contract: the page’s types match /openapi.json',
    async run(stage) {
      const { components } = await stage.server.json('/openapi.json');
      const source = readFileSync(TYPES, 'utf8');
      for (const name of SHARED) {
        const schema = components.schemas[name];
        assert.ok(schema, `/openapi.json has no ${name}`);
        const there = fieldsOfSchema(schema, components.schemas);
        const ours = fieldsOf(source, name);
        assert.ok(ours.length > 0);
        assert.deepEqual(ours.filter((field) => !there.has(field)), [], `fields of ${name}`);
      }
      const states = components.schemas.Job.properties.status.enum;
      for (const state of states) assert.ok(source.includes(`'${state}'`), state);
    },
  },
  {
    name: 'contract: every call that the page makes is in /openapi.json',
    async run(stage) {
      const { paths } = await stage.server.json('/openapi.json');
      const calls = {
        '/api/v1/jobs': ['get', 'post'],
        '/api/v1/jobs/{id}': ['get', 'delete'],
        '/api/v1/jobs/{id}/events': ['get'],
        '/api/v1/jobs/{id}/pages': ['get'],
        '/api/v1/jobs/{id}/pages/{page}.txt': ['get'],
        '/api/v1/jobs/{id}/pages/{page}.json': ['get'],
        '/api/v1/jobs/{id}/pages/{page}.jpg': ['get'],
        '/api/v1/jobs/{id}/pages/{page}.png': ['get'],
        '/api/v1/jobs/{id}/result': ['get'],
        '/api/v1/jobs/{id}/retry': ['post'],
        '/api/v1/jobs/{id}/cancel': ['post'],
        '/api/v1/uploads': ['post'],
        '/api/v1/session': ['get', 'post', 'delete'],
        '/api/v1/languages': ['get'],
        '/api/v1/engines': ['get'],
        '/api/v1/limits': ['get'],
      };
      for (const [path, methods] of Object.entries(calls)) {
        for (const method of methods) assert.ok(paths[path]?.[method], `${method} ${path}`);
      }
    },
  },
  {
    name: 'contract: the security policy forbids foreign and inline scripts',
    async run(stage) {
      for (const path of ['/', '/docs', '/login', '/jobs/x', '/jobs/x/pages/1']) {
        const answer = await fetch(stage.server.url + path, { headers: { Accept: 'text/html' } });
        const policy = answer.headers.get('content-security-policy') ?? '';
        assert.match(policy, /default-src 'none'/, path);
        assert.match(policy, /script-src 'self'/, path);
        assert.doesNotMatch(policy, /unsafe|https?:|\*/, path);
      }
    },
  },
];
