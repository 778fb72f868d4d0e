import { startAuthentication, startRegistration, WebAuthnAbortService } from '@simplewebauthn/browser';

/**
 * Signs in with a passkey or adds one. A form `[data-module="wp-passkey"]` has `data-purpose` ("authenticate" or
 * "register") and `data-options`, where its fields are posted for the options as JSON; what the authenticator answers
 * goes as JSON into its field `response`, and the form is sent as every other. Scripts show it, where passkeys work.
 */
function startPasskey(form) {
  const outcome = form.querySelector('[role="alert"]');
  if (!window.PublicKeyCredential) {
    for (const place of document.querySelectorAll('[data-without-passkeys]')) place.hidden = false;
    return;
  }
  form.hidden = false;

  const ceremony = async (autofill) => {
    const optionsJSON = await options(form);
    if (form.dataset.purpose === 'register') return startRegistration({ optionsJSON });
    return startAuthentication({ optionsJSON, useBrowserAutofill: autofill });
  };
  const send = (response) => {
    form.elements.response.value = JSON.stringify(response);
    form.submit();
  };
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    event.stopImmediatePropagation(); // the guard against a second submit is not meant for a second try
    outcome.textContent = '';
    try {
      send(await ceremony(false));
    } catch (error) {
      outcome.textContent = messageFor(form, error);
    }
  });
  if ('autofill' in form.dataset) void offer(ceremony, send);
}

/** Lets the browser offer passkeys in the field of the e-mail address; failing or declining it says nothing. */
async function offer(ceremony, send) {
  if (!(await window.PublicKeyCredential.isConditionalMediationAvailable?.())) return;
  try {
    send(await ceremony(true));
  } catch {
    WebAuthnAbortService.cancelCeremony();
  }
}

async function options(form) {
  const answer = await fetch(form.dataset.options, {
    method: 'POST',
    body: new URLSearchParams(new FormData(form)),
    headers: { accept: 'application/json' },
  });
  if (!answer.ok) throw new Error(`The options were answered with ${answer.status}`);
  return answer.json();
}

function messageFor({ dataset }, error) {
  if (error.code === 'ERROR_AUTHENTICATOR_PREVIOUSLY_REGISTERED') return dataset.messageKnown ?? dataset.messageFailed;
  return error.name === 'NotAllowedError' || error.name === 'AbortError'
    ? dataset.messageCancelled
    : dataset.messageFailed;
}

for (const form of document.querySelectorAll('form[data-module~="wp-passkey"]')) startPasskey(form);
