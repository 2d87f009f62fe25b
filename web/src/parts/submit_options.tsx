// The OCR options for the next uploads, collapsed, with a summary in the heading.
import { languageName } from '../base/format';
import { engines, languages } from '../state/server_facts';
import { texts } from '../texts';
import { choose, chosen, isPageRange } from '../upload/chosen_options';
import { formatTitle } from './download_menu';

const t = texts.options;

function toggled(list: string[], name: string, on: boolean): string[] {
  return on ? [...list.filter((other) => other !== name), name] : list.filter((o) => o !== name);
}

function Brief() {
  const { languages: names, mode, pages } = chosen.value;
  const modeText = t.modesBrief[mode as keyof typeof t.modesBrief] ?? mode;
  return (
    <span class="faint">
      {t.brief(
        names.map(languageName).join(' + '),
        modeText,
        pages.trim() ? t.somePages(pages) : t.allPages,
      )}
    </span>
  );
}

function LanguageChoice() {
  const installed = languages.value ?? [];
  return (
    <fieldset>
      <legend>{t.language}</legend>
      <div class="chips">
        {installed.map((name) => (
          <label key={name} class="chip">
            <input
              type="checkbox"
              checked={chosen.value.languages.includes(name)}
              onChange={(event) => {
                const now = toggled(chosen.value.languages, name, event.currentTarget.checked);
                if (now.length > 0) choose({ languages: now });
                else event.currentTarget.checked = true;
              }}
            />
            <span>{languageName(name)}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

function FormatChoice() {
  const formats = engines.value?.formats ?? [];
  return (
    <fieldset>
      <legend>{t.formats}</legend>
      <div class="chips">
        {formats.map(({ name }) => (
          <label key={name} class="chip">
            <input
              type="checkbox"
              checked={chosen.value.formats.includes(name)}
              onChange={(event) =>
                choose({
                  formats: toggled(chosen.value.formats, name, event.currentTarget.checked),
                })
              }
            />
            <span>{formatTitle(name)}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

function ModeChoice() {
  return (
    <label class="field">
      <span>{t.mode}</span>
      <select
        value={chosen.value.mode}
        onChange={(event) => choose({ mode: event.currentTarget.value })}
      >
        {(engines.value?.modes ?? ['auto']).map((mode) => (
          <option key={mode} value={mode}>
            {t.modes[mode as keyof typeof t.modes] ?? mode}
          </option>
        ))}
      </select>
    </label>
  );
}

function PagesChoice() {
  const wrong = !isPageRange(chosen.value.pages);
  return (
    <label class="field">
      <span>{t.pages}</span>
      <input
        type="text"
        inputMode="text"
        autoComplete="off"
        placeholder={t.pagesPlaceholder}
        value={chosen.value.pages}
        aria-invalid={wrong}
        onInput={(event) => choose({ pages: event.currentTarget.value })}
      />
      {wrong && (
        <span class="field-error" role="alert">
          {t.pagesWrong}
        </span>
      )}
    </label>
  );
}

export function SubmitOptions() {
  return (
    <details class="options">
      <summary>
        <span>{t.summary}</span> <Brief />
      </summary>
      <div class="options-body">
        <LanguageChoice />
        <FormatChoice />
        <ModeChoice />
        <PagesChoice />
      </div>
    </details>
  );
}
