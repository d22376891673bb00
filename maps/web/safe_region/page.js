/* What every part of the page uses: its settings, making elements, asking the service. */
window.SafeRegion = {};

(function (SR) {
  'use strict';

  const block = document.getElementById('sr-page');
  SR.settings = block ? JSON.parse(block.textContent) : {};
  SR.words = SR.settings.words || {};
  SR.listedRole = Boolean((SR.settings.views || []).length);

  /* Text enters the page here and only as text: names from outside are never read as HTML. */
  SR.element = function (tag, className, text) {
    const made = document.createElement(tag);
    if (className) {
      made.className = className;
    }
    if (text !== undefined && text !== null) {
      made.textContent = String(text);
    }
    return made;
  };

  SR.byId = function (id) {
    return document.getElementById(id);
  };

  /* Days are written as the language does; browsers know no Kazakh. */
  SR.dayText = function (day) {
    return SR.settings.lang === 'en' ? day : day.split('-').reverse().join('.');
  };

  SR.clear = function (node) {
    while (node && node.firstChild) {
      node.removeChild(node.firstChild);
    }
  };

  SR.theme = function () {
    return document.documentElement.getAttribute('data-theme') === 'night' ? 'night' : 'day';
  };

  SR.palette = function () {
    return SR.settings.palettes[SR.theme()];
  };

  SR.phone = function () {
    return window.matchMedia('(max-width: 760px)').matches;
  };

  SR.calm = function () {
    return window.matchMedia('(prefers-reduced-motion: reduce)').matches;
  };

  /* Ask the service; every question carries the language and the role. */
  SR.ask = function (path, parameters) {
    return call(path, parameters, { headers: { Accept: 'application/json' } });
  };

  /* Ask with a body; nothing is stored by it. */
  SR.send = function (path, body, parameters) {
    const headers = { Accept: 'application/json', 'Content-Type': 'application/json' };
    return call(path, parameters, { method: 'POST', headers: headers, body: JSON.stringify(body) });
  };

  function call(path, parameters, options) {
    const query = new URLSearchParams(parameters || {});
    query.set('lang', SR.settings.lang);
    query.set('role', SR.settings.role);
    return fetch(SR.settings.base + path + '?' + query.toString(), options).then(function (answer) {
      return answer.ok ? answer.json() : refused(answer);
    });
  }

  /* An error of the service bears the code that its problem document names. */
  function refused(answer) {
    return answer.json().catch(function () {
      return {};
    }).then(function (problem) {
      const error = new Error('HTTP ' + answer.status);
      error.code = problem.title;
      throw error;
    });
  }
})(window.SafeRegion);
