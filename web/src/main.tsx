import { render } from 'preact';
import { App } from './app';
import { listenForLinks } from './state/router';
import { findSession } from './state/session';
import { applyTheme } from './state/theme';

applyTheme();
listenForLinks();
void findSession();
const place = document.getElementById('app');
if (place) render(<App />, place);
