import { CharacterCount } from 'govuk-frontend/dist/govuk/components/character-count/character-count.mjs';
import { ErrorSummary } from 'govuk-frontend/dist/govuk/components/error-summary/error-summary.mjs';
import { PasswordInput } from 'govuk-frontend/dist/govuk/components/password-input/password-input.mjs';
import { ServiceNavigation } from 'govuk-frontend/dist/govuk/components/service-navigation/service-navigation.mjs';
import { SkipLink } from 'govuk-frontend/dist/govuk/components/skip-link/skip-link.mjs';
import { startAddAnother } from './add-another.js';
import { startPreview } from './live-preview.js';
import { startProgress } from './live-progress.js';
import { startSelection } from './row-selection.js';
import { startSessionWarning } from './session-warning.js';
import { guardForm } from './submit-once.js';

// govuk-frontend styles and starts its components only below this class.
document.body.classList.add('js-enabled', 'govuk-frontend-supported');

/** Starts something at every element of a module; what goes wrong in one leaves the page as it is without scripts. */
function startAll(name, start) {
  for (const element of document.querySelectorAll(`[data-module~="${name}"]`)) {
    try {
      start(element);
    } catch (error) {
      console.error(error);
    }
  }
}

for (const Component of [CharacterCount, ErrorSummary, PasswordInput, ServiceNavigation, SkipLink]) {
  startAll(Component.moduleName, (element) => new Component(element));
}
startAll('wp-notice', (notice) => notice.focus());
startAll('wp-session', startSessionWarning);
startAll('wp-selection', startSelection);
startAll('wp-progress', startProgress);
startAll('wp-preview', startPreview);
startAll('wp-add-another', startAddAnother);
startAll('wp-print', (button) => {
  button.hidden = false;
  button.addEventListener('click', () => print());
});
for (const form of document.querySelectorAll('form[method="post"]')) guardForm(form);
