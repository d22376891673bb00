/* The map's side: panes, numbered sections of the list, schools, the chosen place, clicks. */
(function (SR) {
  'use strict';

  const PANES = {
    'sr-under': 210, 'sr-cells': 320, 'sr-routes': 350, 'sr-lighting': 360, 'sr-cameras': 365,
    'sr-sections': 370, 'sr-patrols': 325, 'sr-over': 330, 'sr-names': 390, 'sr-ranked': 420,
    'sr-chosen': 430,
  };
  const REACH = 12;
  const BOXES_ON_TOP = 150;
  let ranked = null;
  let chosen = null;
  let schools = null;

  SR.preparePanes = function (map) {
    Object.keys(PANES).forEach(function (name) {
      const pane = map.createPane(name);
      pane.style.zIndex = PANES[name];
      pane.style.pointerEvents = 'none';
    });
    ranked = L.layerGroup().addTo(map);
    chosen = L.layerGroup().addTo(map);
    schools = L.layerGroup();
    SR.bindAssets(map);
    SR.bindPatrols(map);
    SR.bindTrials(map);
  };

  SR.schoolLayer = function () {
    return schools;
  };

  /* Number the listed sections on the map as in the list. */
  SR.showRanked = function (features) {
    ranked.clearLayers();
    features.slice().reverse().forEach(function (feature) {
      const numbered = feature.properties.numbered !== false && feature.properties.rank;
      L.geoJSON(feature.geometry, {
        pane: 'sr-ranked',
        interactive: false,
        style: {
          className: 'sr-ranked-line',
          color: SR.palette().chosen,
          weight: numbered ? 3 : 2,
          opacity: 0.85,
          dashArray: numbered ? null : '3,5',
        },
      }).addTo(ranked);
      if (numbered) {
        badgeAt(feature).addTo(ranked);
      }
    });
  };

  SR.showChosen = function (feature) {
    chosen.clearLayers();
    if (!feature || !feature.geometry) {
      return;
    }
    const polygon = /Polygon/.test(feature.geometry.type);
    [[polygon ? 5 : 12, 'chosen_casing', 0.95], [polygon ? 2.5 : 6, 'chosen', 1]].forEach(function (line) {
      L.geoJSON(feature.geometry, {
        pane: 'sr-chosen',
        interactive: false,
        style: {
          color: SR.palette()[line[1]], weight: line[0], opacity: line[2], fill: false,
          lineCap: 'round',
        },
      }).addTo(chosen);
    });
    document.querySelectorAll('.sr-number').forEach(function (badge) {
      badge.classList.toggle('sr-is-chosen', badge.dataset.id === feature.properties.section_id);
    });
  };

  SR.flyTo = function (feature) {
    const bounds = L.geoJSON(feature.geometry).getBounds();
    if (!bounds.isValid()) {
      return;
    }
    const options = { maxZoom: 16, padding: [60, 60], animate: !SR.calm(), duration: 0.6 };
    SR.map.flyToBounds(bounds, options);
  };

  SR.showSchools = function (features) {
    schools.clearLayers();
    features.forEach(function (feature) {
      const properties = feature.properties;
      const at = feature.geometry && feature.geometry.coordinates;
      if (!at) {
        return;
      }
      const mark = SR.element('span', 'sr-school');
      mark.appendChild(SR.element('span', 'sr-school-mark'));
      mark.appendChild(SR.element('span', 'sr-school-name', properties.label || properties.name));
      const marker = L.marker([at[1], at[0]], {
        icon: L.divIcon({ html: mark, className: 'sr-school-icon', iconSize: [24, 24] }),
        keyboard: false,
        alt: '',
      });
      marker.on('click', function () {
        const id = String(properties.school_id);
        SR.set('school', SR.state.school === id ? null : id);
        mark.classList.toggle('sr-is-chosen', SR.state.school === id);
        if (SR.state.school === id) {
          SR.openPopup(marker.getLatLng(), schoolBox(id, properties.label || properties.name));
        }
      });
      marker.addTo(schools);
    });
  };

  /* Say something of a place on the map, beside the legend. */
  SR.openPopup = function (latlng, box) {
    const legend = SR.byId('sr-legend');
    const beside = legend && legend.open && !SR.phone() ? legend.offsetWidth + 28 : 16;
    const popup = L.popup({
      className: 'sr-popup', maxWidth: 260,
      autoPanPaddingTopLeft: [16, SR.phone() ? BOXES_ON_TOP : 16],
      autoPanPaddingBottomRight: [beside, 16],
    }).setLatLng(latlng).setContent(box).openOn(SR.map);
    const close = popup.getElement().querySelector('.leaflet-popup-close-button');
    if (close) {
      close.setAttribute('aria-label', SR.words.close);
    }
    return popup;
  };

  function schoolBox(id, label) {
    const box = SR.element('div', 'sr-told');
    const card = SR.element('a', '', SR.words.walkCard);
    card.href = SR.settings.base + '/' + SR.settings.lang + '/school/' + encodeURIComponent(id);
    box.appendChild(SR.element('b', '', label));
    box.appendChild(card);
    return box;
  }

  /* Find what was clicked: a lamp or camera, a section where they are drawn, else a cell. */
  SR.pickAt = function (latlng) {
    return SR.pickAsset(latlng).then(function (asset) {
      if (asset) {
        return asset.place;
      }
      SR.tellPatrols(latlng);
      return pickPlace(latlng);
    });
  };

  function pickPlace(latlng) {
    const zoom = SR.map.getZoom();
    const order = SR.listedRole && zoom >= SR.settings.sectionsFromZoom
      ? ['sections', 'cells'] : ['cells'];
    return order.reduce(function (before, name) {
      return before.then(function (found) {
        const layer = SR.layers[name];
        if (found || !layer || !SR.map.hasLayer(layer)) {
          return found;
        }
        return layer.find(latlng, REACH).then(function (feature) {
          return feature && { kind: name, feature: feature };
        });
      });
    }, Promise.resolve(null));
  }

  /* Say on the map that its tiles are on their way, or that some did not come: an empty part
     would be read as one without hazard. */
  SR.watchTiles = function (layers) {
    const said = SR.byId('sr-busy');
    const watched = SR.settings.monthLayers.map(function (name) {
      return layers[name];
    }).filter(Boolean);
    let failed = false;

    function show() {
      const busy = watched.some(function (layer) {
        return SR.map.hasLayer(layer) && layer.isLoading();
      });
      said.hidden = !busy && !failed;
      said.textContent = failed ? SR.words.mapFailed : SR.words.loading;
    }

    watched.forEach(function (layer) {
      layer.on('loading load remove', show);
      layer.on('tilefailed', function () {
        failed = true;
        show();
      });
    });
    SR.on('choice', function () {
      failed = false;
      show();
    });
  };

  function badgeAt(feature) {
    const properties = feature.properties;
    const number = SR.element('span', 'sr-number', properties.rank);
    number.dataset.id = properties.section_id;
    const marker = L.marker(middle(feature.geometry), {
      icon: L.divIcon({ html: number, className: 'sr-number-icon', iconSize: [28, 28] }),
      keyboard: false,
      alt: '',
      zIndexOffset: 1000 - 10 * Number(properties.rank),
    });
    marker.on('click', function () {
      SR.choose(properties.section_id, { fly: false });
    });
    return marker;
  }

  function middle(geometry) {
    const lines = geometry.type === 'LineString' ? [geometry.coordinates] : geometry.coordinates;
    const line = lines[Math.floor(lines.length / 2)];
    const lengths = [];
    for (let i = 1; i < line.length; i++) {
      lengths.push(Math.hypot(line[i][0] - line[i - 1][0], line[i][1] - line[i - 1][1]));
    }
    let rest = lengths.reduce(function (sum, length) {
      return sum + length;
    }, 0) / 2;
    for (let i = 0; i < lengths.length; i++) {
      if (rest <= lengths[i] && lengths[i] > 0) {
        const share = rest / lengths[i];
        return [
          line[i][1] + share * (line[i + 1][1] - line[i][1]),
          line[i][0] + share * (line[i + 1][0] - line[i][0]),
        ];
      }
      rest -= lengths[i];
    }
    return [line[0][1], line[0][0]];
  }
})(window.SafeRegion);
