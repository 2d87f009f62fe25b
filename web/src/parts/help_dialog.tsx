import { signal } from '@preact/signals';
import { texts } from '../texts';
import { Dialog } from './dialog';

export const helpOpen = signal(false);

const t = texts.help;
const GROUPS: [string, [string[], string][]][] = [
  [
    t.everywhere,
    [
      [['?'], t.keys.help],
      [['/'], t.keys.search],
      [['Esc'], t.keys.escape],
    ],
  ],
  [
    t.reading,
    [
      [['→', 'n'], t.keys.next],
      [['←', 'p'], t.keys.previous],
      [['Home'], t.keys.first],
      [['End'], t.keys.last],
      [['+'], t.keys.zoomIn],
      [['-'], t.keys.zoomOut],
      [['0'], t.keys.fitWidth],
      [['9'], t.keys.fitPage],
      [['c'], t.keys.tint],
      [['v'], t.keys.view],
      [['Enter', 'Shift Enter'], t.keys.hits],
      [['↑', '↓'], t.keys.pan],
    ],
  ],
  [
    t.inText,
    [
      [['→', '←'], t.keys.words],
      [['↓', '↑'], t.keys.wordLines],
    ],
  ],
];

export function HelpDialog() {
  if (!helpOpen.value) return null;
  return (
    <Dialog heading={t.heading} onClose={() => (helpOpen.value = false)}>
      {GROUPS.map(([heading, keys]) => (
        <section key={heading}>
          <h3>{heading}</h3>
          <dl class="key-list">
            {keys.map(([names, meaning]) => (
              <div key={meaning}>
                <dt>
                  {names.map((name) => (
                    <kbd key={name}>{name}</kbd>
                  ))}
                </dt>
                <dd>{meaning}</dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
    </Dialog>
  );
}
