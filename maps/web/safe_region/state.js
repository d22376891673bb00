/* What is shown, kept in the address so that it can be sent to a colleague:
   #map=15/51.2300/51.3700&view=count&window=night&place=s0123&layers=cells,routes */
(function (SR) {
  'use strict';

  const listeners = {};

  SR.state = {
    view: (SR.settings.views || [])[0] || 'harm',
    window: 'day',
    place: null,
    school: null,
    layers: {},
  };

  SR.on = function (event, listener) {
    (listeners[event] = listeners[event] || []).push(listener);
  };

  SR.emit = function (event, detail) {
    (listeners[event] || []).forEach(function (listener) {
      listener(detail);
    });
  };

  /* Change one thing and tell the parts that draw it. */
  SR.set = function (key, value) {
    if (SR.state[key] === value) {
      return;
    }
    SR.state[key] = value;
    SR.writeHash();
    SR.emit(key, value);
  };

  /* Scores per window exist for harm; the other views are of the whole day. */
  SR.shownWindow = function () {
    return SR.state.view === 'harm' ? SR.state.window : 'day';
  };

  SR.readHash = function () {
    const found = {};
    window.location.hash.replace(/^#/, '').split('&').forEach(function (pair) {
      const at = pair.indexOf('=');
      if (at > 0) {
        found[pair.slice(0, at)] = pair.slice(at + 1);
      }
    });
    const position = /^(\d{1,2})\/(-?\d+\.?\d*)\/(-?\d+\.?\d*)$/.exec(found.map || '');
    const clean = {};
    if (position) {
      clean.position = [Number(position[1]), Number(position[2]), Number(position[3])];
    }
    if ((SR.settings.views || []).indexOf(found.view) >= 0) {
      clean.view = found.view;
    }
    if (/^[a-z_]{3,12}$/.test(found.window || '')) {
      clean.window = found.window;
    }
    if (/^[0-9a-z]{8,20}$/.test(found.place || '')) {
      clean.place = found.place;
    }
    if (found.layers !== undefined) {
      clean.layers = found.layers.split(',').filter(function (name) {
        return /^[a-z]+$/.test(name);
      });
    }
    return clean;
  };

  SR.writeHash = function () {
    if (!SR.map) {
      return;
    }
    const centre = SR.map.getCenter();
    const parts = [
      'map=' + SR.map.getZoom() + '/' + centre.lat.toFixed(4) + '/' + centre.lng.toFixed(4),
      'view=' + SR.state.view,
      'window=' + SR.state.window,
    ];
    if (SR.state.place) {
      parts.push('place=' + SR.state.place);
    }
    parts.push('layers=' + Object.keys(SR.state.layers).filter(function (name) {
      return SR.state.layers[name];
    }).join(','));
    const hash = '#' + parts.join('&');
    window.history.replaceState(null, '', hash);
    document.querySelectorAll('.sr-languages a').forEach(function (link) {
      link.href = link.href.split('#')[0] + hash;
    });
  };
})(window.SafeRegion);
