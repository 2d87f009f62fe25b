// The API reference, rendered from /openapi.json.
import { useEffect, useState } from 'preact/hooks';
import { client } from '../api/client';
import { readOpenApi, type Operation, type OperationGroup } from '../api/open_api';
import { useTitle } from '../base/use_title';
import { ErrorBox } from '../parts/error_box';
import { texts } from '../texts';

const t = texts.docs;

function ParameterTable({ operation }: { operation: Operation }) {
  return (
    <div class="table-scroll" tabIndex={0} role="region" aria-label={`${operation.id}: ${t.parameters}`}>
      <table>
        <thead>
          <tr>
            <th scope="col">{t.columns.name}</th>
            <th scope="col">{t.columns.where}</th>
            <th scope="col">{t.columns.type}</th>
            <th scope="col">{t.columns.meaning}</th>
          </tr>
        </thead>
        <tbody>
          {operation.parameters.map((parameter) => (
            <tr key={parameter.where + parameter.name}>
              <td>
                <code>{parameter.name}</code>
                {parameter.required && <span class="faint"> {t.required}</span>}
              </td>
              <td>{parameter.where}</td>
              <td>{parameter.type}</td>
              <td>{parameter.meaning}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function OperationSection({ operation }: { operation: Operation }) {
  return (
    <article class="operation" id={operation.id}>
      <h3>
        <span class={`method method-${operation.method}`}>{operation.method.toUpperCase()}</span>{' '}
        <code>{operation.path}</code>
      </h3>
      <p>{operation.title}</p>
      {operation.description && <p class="faint">{operation.description}</p>}
      {operation.parameters.length > 0 && <ParameterTable operation={operation} />}
      <pre tabIndex={0} aria-label={`${operation.id}: ${t.example}`}>
        {operation.example}
      </pre>
      <p class="responses" aria-label={t.responses}>
        {operation.responses.map((response) => (
          <span key={response.status} class={response.status.startsWith('2') ? 'response good' : 'response'}>
            <b>{response.status}</b>
            {response.status.startsWith('2') && ` ${response.meaning}`}
          </span>
        ))}
      </p>
    </article>
  );
}

export function DocsScreen() {
  const [groups, setGroups] = useState<OperationGroup[] | null>(null);
  const [error, setError] = useState<unknown>(null);
  useTitle(t.heading);
  useEffect(() => {
    client.openApi().then((found) => setGroups(readOpenApi(found, location.origin)), setError);
  }, []);
  return (
    <main id="content" class="docs" tabIndex={-1}>
      <h1>{t.heading}</h1>
      <p>
        {t.intro} <a href="/openapi.json">{t.raw}</a>. {t.problems}
      </p>
      {error !== null && <ErrorBox error={error} />}
      {groups === null && error === null && <p class="faint loading">{t.loading}</p>}
      {groups && (
        <div class="docs-body">
          <nav class="docs-contents" aria-label={t.contents}>
            {groups.map((group) => (
              <div key={group.title}>
                <p class="docs-group">{group.title}</p>
                <ul class="plain-list">
                  {group.operations.map((operation) => (
                    <li key={operation.id}>
                      <a href={`#${operation.id}`}>{operation.title}</a>
                    </li>
                  ))}
                </ul>
              </div>
            ))}
          </nav>
          <div>
            {groups.map((group) => (
              <section key={group.title}>
                <h2>{group.title}</h2>
                {group.operations.map((operation) => (
                  <OperationSection key={operation.id} operation={operation} />
                ))}
              </section>
            ))}
          </div>
        </div>
      )}
    </main>
  );
}
