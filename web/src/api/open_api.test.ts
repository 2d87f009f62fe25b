import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readOpenApi } from './open_api';

const DOCUMENT = {
  paths: {
    '/livez': { get: { summary: 'Alive', responses: { 200: { description: 'yes' } } } },
    '/api/v1/jobs': {
      summary: 'not a method',
      post: {
        parameters: [{ $ref: '#/components/parameters/Name' }],
        requestBody: {
          content: { 'multipart/form-data': { schema: { $ref: '#/components/schemas/Form' } } },
        },
        responses: { 202: { $ref: '#/components/responses/Made' } },
      },
      get: {},
    },
    '/api/v1/jobs/{id}/pages/{page}.txt': { get: { summary: 'Text' } },
  },
  components: {
    parameters: { Name: { name: 'file_name', in: 'query', schema: { type: ['string', 'null'] } } },
    responses: { Made: { description: 'a job' } },
    schemas: {
      Form: {
        required: ['file'],
        properties: { file: { type: 'string' }, mode: { enum: ['auto', 'force'], description: 'how' } },
      },
    },
  },
};

test('operations are grouped by path; empty groups are left out', () => {
  const groups = readOpenApi(DOCUMENT, 'http://ocr');
  const found = groups.map(({ title, operations }) => [title, ...operations.map(({ id }) => id)]);
  assert.deepEqual(found, [
    ['Documents', 'get-api-v1-jobs', 'post-api-v1-jobs'],
    ['Pages', 'get-api-v1-jobs-id-pages-page-txt'],
    ['Server', 'get-livez'],
  ]);
});

test('references are resolved; fields of a form are parameters', () => {
  const post = readOpenApi(DOCUMENT, 'http://ocr')[0]?.operations[1];
  assert.deepEqual(post?.responses, [{ status: '202', meaning: 'a job' }]);
  assert.deepEqual(post?.parameters, [
    { name: 'file_name', where: 'query', type: 'string or null', required: false, meaning: '' },
    { name: 'file', where: 'form', type: 'string', required: true, meaning: '' },
    { name: 'mode', where: 'form', type: 'auto, force', required: false, meaning: 'how' },
  ]);
});

test('examples can be pasted into a shell', () => {
  const examples = readOpenApi(DOCUMENT, 'http://ocr').flatMap(({ operations }) =>
    operations.map(({ example }) => example),
  );
  assert.deepEqual(examples, [
    'curl http://ocr/api/v1/jobs',
    'curl -F file=@scan.pdf http://ocr/api/v1/jobs',
    'curl "http://ocr/api/v1/jobs/$ID/pages/1.txt"',
    'curl http://ocr/livez',
  ]);
});

test('a document without anything, or with a broken reference, gives no error', () => {
  assert.deepEqual(readOpenApi({}, ''), []);
  const broken = { paths: { '/livez': { get: { parameters: [{ $ref: '#/no/such' }, null] } } } };
  assert.equal(readOpenApi(broken, '')[0]?.operations[0]?.parameters.length, 2);
});
