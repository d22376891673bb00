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
    const query = new URLSearchParams(parameters || {});
    query.set('lang', SR.settings.lang);
    query.set('role', SR.settings.role);
    const address = SR.settings.base + path + '?' + query.toString();
    return fetch(address, { headers: { Accept: 'application/json' } }).then(function (answer) {
      if (!answer.ok) {
        throw new Error('HTTP ' + answer.status);
      }
      return answer.json();
    });
  };
})(window.SafeRegion);
