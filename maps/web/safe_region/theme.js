/* Runs before the first paint: the reader's own choice, else the page's, else the system's. */
(function () {
  'use strict';
  var root = document.documentElement;
  var kept = null;
  try {
    kept = window.localStorage.getItem('safe-region-theme');
  } catch (refused) {
    kept = null;
  }
  var dark = window.matchMedia && window.matchMedia('(prefers-color-scheme: dark)').matches;
  var wanted = root.getAttribute('data-theme');
  if (kept === 'day' || kept === 'night') {
    root.setAttribute('data-theme', kept);
  } else if (wanted !== 'day' && wanted !== 'night') {
    root.setAttribute('data-theme', dark ? 'night' : 'day');
  }

  function show() {
    var night = root.getAttribute('data-theme') === 'night';
    var button = document.getElementById('sr-theme');
    if (button) {
      button.setAttribute('aria-pressed', String(night));
    }
  }

  document.addEventListener('DOMContentLoaded', function () {
    var button = document.getElementById('sr-theme');
    show();
    if (!button) {
      return;
    }
    button.addEventListener('click', function () {
      var next = root.getAttribute('data-theme') === 'night' ? 'day' : 'night';
      root.setAttribute('data-theme', next);
      try {
        window.localStorage.setItem('safe-region-theme', next);
      } catch (refused) {
        /* A browser that keeps nothing still changes this page. */
      }
      show();
      document.dispatchEvent(new CustomEvent('safe-region-theme', { detail: next }));
    });
  });
})();
