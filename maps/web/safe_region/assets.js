/* Light and cameras: lit and dark streets, lamps, what cameras see; and the words for one that is
   clicked. A dark street is the bolder, the more minutes children walk there in the dark in the
   month and hours chosen; one whose light is not known is never drawn as dark. */
(function (SR) {
  'use strict';

  const NOTHING = [];
  const LAYERS = ['lighting', 'cameras'];
  const REACH = 12;
  const BOLDEST = 8;
  const OVER = ['lamp', 'camera'];
  const SIGNS = ['street_lit', 'street_unlit', 'lamp_working', 'lamp_broken', 'lamp_unknown', 'camera'];
  let gap = { factor: {}, most: 0, when: '' };
  let asked = 0;
  let popup = null;

  SR.styles.lighting = function (properties, zoom) {
    if (properties.asset === 'street') {
      return street(properties, zoom);
    }
    return lamp(properties, zoom);
  };

  SR.styles.cameras = function (properties) {
    const palette = SR.palette();
    if (properties.asset === 'view') {
      return view(properties, palette);
    }
    return dot(properties.state, palette.camera, palette.camera, 4);
  };

  /* Follow the layers that are switched and the hours that are chosen. */
  SR.bindAssets = function (map) {
    map.on('layeradd layerremove', function (event) {
      if (LAYERS.some(function (name) {
        return event.layer === SR.layers[name];
      })) {
        showLegends();
        loadGap();
      }
    });
    SR.on('choice', loadGap);
    document.addEventListener('safe-region-theme', paintSigns);
    paintSigns();
    showLegends();
  };

  /* Find a lamp or camera at a click, else a street or what a camera sees, and say what it is.
     Resolves to null where there is nothing; else to the place that is meant, if it is one. */
  SR.pickAsset = function (latlng) {
    return nearest(latlng, true).then(function (found) {
      return found || nearest(latlng, false);
    }).then(function (found) {
      if (popup) {
        popup.remove();
        popup = null;
      }
      if (!found) {
        return null;
      }
      tell(found.properties, latlng);
      const isStreet = found.properties.asset === 'street';
      return { place: isStreet ? { kind: 'sections', feature: found } : null };
    });
  };

  /* Child-minutes in the dark without light, in the month and hours chosen. */
  function darkMinutes(properties) {
    return Object.keys(gap.factor).reduce(function (sum, window) {
      return sum + (Number(properties['dark_minutes_' + window]) || 0) * gap.factor[window];
    }, 0);
  }

  /* From afar lamps that burn would hide the streets that they stand on. */
  function lamp(properties, zoom) {
    const palette = SR.palette();
    const works = properties.state === 'working';
    if (works && zoom < 15) {
      return NOTHING;
    }
    const radius = zoom >= 17 ? 2.8 : zoom >= 16 ? 2 : 1.4;
    return dot(properties.state, palette.lamp_working, palette.lamp_broken, radius);
  }

  function street(properties, zoom) {
    const palette = SR.palette();
    const near = zoom >= 16 ? 1.4 : zoom >= 14 ? 1 : 0.7;
    const lit = { color: palette.street_lit, weight: 1.6 * near, opacity: 0.95 };
    if (properties.light === 'lit') {
      return lit;
    }
    if (properties.light !== 'unlit' && properties.light !== 'partly') {
      return {
        color: palette.lamp_unknown, weight: 1.7 * near, opacity: 0.9, dashArray: '1,5',
        lineCap: 'round',
      };
    }
    const minutes = darkMinutes(properties);
    const share = gap.most > 0 ? Math.min(minutes / gap.most, 1) : 0;
    const partly = properties.light === 'partly';
    const dark = {
      color: palette.street_unlit,
      weight: (1.8 + (BOLDEST - 1.8) * Math.sqrt(share)) * near,
      opacity: 1,
      dashArray: partly ? '8,7' : null,
      lineCap: 'butt',
    };
    const casing = { color: palette.ground, weight: dark.weight + 2.4, opacity: 0.85 };
    return partly ? [casing, lit, dark] : [casing, dark];
  }

  /* What works is filled, hatched where it is only assumed; what does not is an empty outline. */
  function view(properties, palette) {
    const works = properties.state === 'working';
    const assumed = properties.view !== 'sector';
    const known = works || properties.state === 'broken';
    return {
      fill: works,
      fillColor: assumed ? SR.hatch(palette.camera) : palette.camera,
      fillOpacity: assumed ? 0.55 : 0.3,
      color: known ? palette.camera : palette.lamp_unknown,
      weight: works ? 0.8 : 1.4,
      opacity: 0.9,
      dashArray: assumed || !known ? '4,4' : null,
    };
  }

  /* What works is a full dot, what is broken a larger ring, what is unknown a grey ring. */
  function dot(state, working, broken, radius) {
    const works = state === 'working';
    const colour = works ? working : state === 'broken' ? broken : SR.palette().lamp_unknown;
    return {
      radius: works ? radius : radius + 1.2,
      fill: works,
      fillColor: colour,
      fillOpacity: 0.95,
      color: colour,
      weight: works ? 0.8 : 1.6,
      opacity: 1,
    };
  }

  function isShown(name) {
    return Boolean(SR.layers && SR.layers[name] && SR.map.hasLayer(SR.layers[name]));
  }

  function showLegends() {
    document.querySelectorAll('[data-legend]').forEach(function (part) {
      part.hidden = !isShown(part.dataset.legend);
    });
  }

  function paintSigns() {
    SIGNS.forEach(function (name) {
      const property = '--' + name.replace(/_/g, '-');
      document.documentElement.style.setProperty(property, SR.palette()[name]);
    });
  }

  /* Ask what the chosen hours are multiplied by, and for the sentence that sums the town up. */
  function loadGap() {
    if (!isShown('lighting')) {
      return;
    }
    const mine = ++asked;
    const off = SR.state.month && SR.state.day === 'off';
    const choice = { window: SR.shownWindow(), limit: 1 };
    if (SR.state.month) {
      choice.month = SR.state.month;
    }
    const answered = off ? Promise.resolve(null) : SR.ask('/dark-gap', choice);
    answered.catch(function () {
      return null;
    }).then(function (answer) {
      if (mine === asked) {
        take(answer);
      }
    });
  }

  function take(answer) {
    const first = answer && answer.sections.features[0];
    gap = {
      factor: answer ? answer.dark_factor : {},
      most: first ? first.properties.unlit_dark_minutes : 0,
      when: answer ? answer.when : '',
    };
    const said = SR.byId('sr-dark-gap');
    if (said) {
      said.textContent = answer ? answer.sentence : '';
    }
    if (isShown('lighting')) {
      SR.layers.lighting.redraw();
    }
  }

  function nearest(latlng, over) {
    const among = function (feature) {
      return (OVER.indexOf(feature.properties.asset) >= 0) === over;
    };
    return LAYERS.filter(isShown).reduce(function (before, name) {
      return before.then(function (found) {
        return found || SR.layers[name].find(latlng, REACH, among);
      });
    }, Promise.resolve(null));
  }

  function tell(properties, latlng) {
    const box = SR.element('div', 'sr-told');
    lines(properties).forEach(function (line, index) {
      box.appendChild(SR.element(index ? 'span' : 'b', '', line));
    });
    popup = SR.openPopup(latlng, box);
  }

  function lines(properties) {
    if (properties.asset === 'street') {
      return streetLines(properties);
    }
    const lamp = properties.asset === 'lamp';
    const name = lamp ? SR.words.lamp : SR.words.camera;
    const said = [filled(name, 'name', properties.number || properties.id), stateWord(properties)];
    if (!lamp && properties.connected !== undefined) {
      said.push(properties.connected ? SR.words.connected : SR.words.unconnected);
    }
    if (properties.view === 'circle') {
      said.push(SR.words.assumedView);
    }
    return said;
  }

  function streetLines(properties) {
    const known = SR.settings.lightStates;
    const said = [known[properties.light] || known.unknown];
    const minutes = darkMinutes(properties);
    if (minutes >= 0.5) {
      said.push(filled(filled(SR.words.darkMinutes, 'minutes', grouped(minutes)), 'when', gap.when));
    }
    return said;
  }

  function stateWord(properties) {
    const word = {
      working: SR.words.assetWorking, broken: SR.words.assetBroken,
    }[properties.state] || SR.words.assetUnknown;
    if (!properties.since) {
      return word;
    }
    return word + ', ' + filled(SR.words.assetSince, 'day', SR.dayText(properties.since));
  }

  function filled(text, name, value) {
    return text.split('{' + name + '}').join(String(value));
  }

  function grouped(number) {
    const separator = SR.settings.lang === 'en' ? ',' : '\u00a0';
    return String(Math.round(number)).replace(/\B(?=(\d{3})+$)/g, separator);
  }
})(window.SafeRegion);
