import { render } from 'preact';
import { App } from './app';
import { listenForLinks } from './state/router';
import { findSignIn } from './state/sign_in';
import { applyTheme } from './state/theme';

applyTheme();
listenForLinks();
void findSignIn();
const place = document.getElementById('app');
if (place) render(<App />, place);
