/* What is shown, kept in the address so that it can be sent to a colleague:
   #map=15/51.2300/51.3700&view=harm&window=night&month=1&day=off&place=s0123&layers=cells */
(function (SR) {
  'use strict';

  const CHOICE = ['view', 'window', 'month', 'day'];
  const listeners = {};

  SR.state = {
    view: (SR.settings.views || [])[0] || 'harm',
    window: 'day',
    month: null,
    day: 'school',
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
    const change = {};
    change[key] = value;
    SR.change(change);
  };

  /* Change several things at once; what list and map are of is told once, as `choice`. */
  SR.change = function (values) {
    const changed = Object.keys(values).filter(function (key) {
      return SR.state[key] !== values[key];
    });
    if (!changed.length) {
      return;
    }
    Object.assign(SR.state, values);
    SR.writeHash();
    changed.forEach(function (key) {
      SR.emit(key, values[key]);
    });
    if (changed.some(function (key) {
      return CHOICE.indexOf(key) >= 0;
    })) {
      SR.emit('choice');
    }
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
    if (/^([1-9]|1[0-2])$/.test(found.month || '') && /^(school|off)$/.test(found.day || '')) {
      clean.month = Number(found.month);
      clean.day = found.day;
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
    if (SR.state.month) {
      parts.push('month=' + SR.state.month, 'day=' + SR.state.day);
    }
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
