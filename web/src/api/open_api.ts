// Picks what the API reference shows from /openapi.json.
import { texts } from '../texts';

export interface Parameter {
  name: string;
  where: string;
  type: string;
  required: boolean;
  meaning: string;
}

export interface Operation {
  id: string;
  method: string;
  path: string;
  title: string;
  description: string;
  parameters: Parameter[];
  responses: { status: string; meaning: string }[];
  example: string;
}

export interface OperationGroup {
  title: string;
  operations: Operation[];
}

type Json = Record<string, unknown>;
const METHODS = ['get', 'post', 'put', 'patch', 'head', 'delete'];

const object = (value: unknown): Json =>
  typeof value === 'object' && value !== null ? (value as Json) : {};
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const text = (value: unknown): string => (typeof value === 'string' ? value : '');

function resolve(document: Json, value: unknown): Json {
  const reference = text(object(value)['$ref']);
  if (!reference.startsWith('#/')) return object(value);
  return reference
    .slice(2)
    .split('/')
    .reduce<Json>((at, name) => object(at[name]), document);
}

function typeOf(schema: Json): string {
  const choices = list(schema['enum']);
  if (choices.length > 0) return choices.map(String).join(', ');
  const type = schema['type'];
  return Array.isArray(type) ? type.map(String).join(' or ') : text(type);
}

function bodyParameters(document: Json, operation: Json): Parameter[] {
  const content = object(object(operation['requestBody'])['content']);
  const found: Parameter[] = [];
  for (const [mediaType, media] of Object.entries(content)) {
    const schema = resolve(document, object(media)['schema']);
    const required = list(schema['required']);
    for (const [name, property] of Object.entries(object(schema['properties']))) {
      const described = resolve(document, property);
      found.push({
        name,
        where: mediaType === 'multipart/form-data' ? 'form' : mediaType,
        type: typeOf(described),
        required: required.includes(name),
        meaning: text(described['description']),
      });
    }
  }
  return found;
}

function parametersOf(document: Json, operation: Json): Parameter[] {
  const named = list(operation['parameters']).map((each) => {
    const parameter = resolve(document, each);
    return {
      name: text(parameter['name']),
      where: text(parameter['in']),
      type: typeOf(resolve(document, parameter['schema'])),
      required: parameter['required'] === true,
      meaning: text(parameter['description']),
    };
  });
  return [...named, ...bodyParameters(document, operation)];
}

function exampleOf(method: string, path: string, operation: Json, origin: string): string {
  const address = origin + path.replaceAll('{id}', '$ID').replaceAll('{page}', '1');
  const content = object(object(operation['requestBody'])['content']);
  const parts = ['curl'];
  if (content['multipart/form-data']) parts.push('-F file=@scan.pdf');
  else if (content['application/json']) parts.push("--json '{}'");
  else if (method !== 'get') parts.push(method === 'head' ? '-I' : `-X ${method.toUpperCase()}`);
  parts.push(address.includes('$') ? `"${address}"` : address);
  return parts.join(' ');
}

function groupOf(path: string): string {
  if (path.includes('/uploads')) return texts.docs.groups.uploads;
  if (path.includes('/pages')) return texts.docs.groups.pages;
  return path.includes('/jobs') ? texts.docs.groups.jobs : texts.docs.groups.server;
}

/** `origin` is the server's address in the examples. */
export function readOpenApi(document: Json, origin: string): OperationGroup[] {
  const groups = new Map<string, Operation[]>();
  for (const title of Object.values(texts.docs.groups)) groups.set(title, []);
  for (const [path, methods] of Object.entries(object(document['paths']))) {
    for (const method of METHODS.filter((name) => name in object(methods))) {
      const operation = object(object(methods)[method]);
      groups.get(groupOf(path))?.push({
        id: `${method}${path.replace(/[^a-z0-9]+/gi, '-').replace(/-$/, '')}`.toLowerCase(),
        method,
        path,
        title: text(operation['summary']) || path,
        description: text(operation['description']),
        parameters: parametersOf(document, operation),
        responses: Object.entries(object(operation['responses'])).map(([status, response]) => ({
          status,
          meaning: text(resolve(document, response)['description']),
        })),
        example: exampleOf(method, path, operation, origin),
      });
    }
  }
  return [...groups]
    .map(([title, operations]) => ({ title, operations }))
    .filter((group) => group.operations.length > 0);
}
